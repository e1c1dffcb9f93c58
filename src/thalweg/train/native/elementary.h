/* exp, log and what follows from them, by series of our own: the same bits wherever they are compiled.
 *
 * All are straight lines on registers of numbers, without branches; a number that is not finite stays so. Errors against high precision are bounded in tests/train/native/test_elementary.py.
 */

#if DOUBLE
#define MANTISSA 52
#define BIAS 1023
#define SHIFT 0x1.8p52 /* adding it leaves the nearest whole number in the low bits */
#define LOWEST -746.0
#define HIGHEST 710.0
#define LN2_HIGH 0x1.62e42fefa3800p-1
#define LN2_LOW 0x1.ef35793c76730p-45
#else
#define MANTISSA 23
#define BIAS 127
#define SHIFT 0x1.8p23f
#define LOWEST -104.0f
#define HIGHEST 89.0f
#define LN2_HIGH 0x1.62e4p-1f
#define LN2_LOW 0x1.7f7d1cp-20f
#endif
#define NEXT(p, x, c) p = fma_v(p, x, C(c))

typedef struct { V part, first, second; } Power; /* e^x - 1 = second (first (part + 1)) - 1 with |part| < 0.42 */

INLINE Power power_of_e(V x) { /* x = n log 2 + r, e^r - 1 by Taylor's series, 2^n in two factors */
    x = pick(x < C(LOWEST), C(LOWEST), x);
    x = pick(x > C(HIGHEST), C(HIGHEST), x);
    V shifted = fma_v(x, C(1.4426950408889634074), C(SHIFT)), n = shifted - C(SHIFT);
    V r = fma_v(n, C(-(Real)LN2_HIGH), x);
    r = fma_v(n, C(-(Real)LN2_LOW), r);
#if DOUBLE
    V p = C(1.0 / 6227020800.0);
    NEXT(p, r, 1.0 / 479001600.0);
    NEXT(p, r, 1.0 / 39916800.0);
    NEXT(p, r, 1.0 / 3628800.0);
    NEXT(p, r, 1.0 / 362880.0);
    NEXT(p, r, 1.0 / 40320.0);
    NEXT(p, r, 1.0 / 5040.0);
#else
    V p = C(1.0 / 5040.0);
#endif
    NEXT(p, r, 1.0 / 720.0);
    NEXT(p, r, 1.0 / 120.0);
    NEXT(p, r, 1.0 / 24.0);
    NEXT(p, r, 1.0 / 6.0);
    NEXT(p, r, 1.0 / 2.0);
    VWhole whole = (VWhole)shifted - (VWhole)C(SHIFT), half = whole >> 1;
    Power found = {fma_v(r * r, p, r), (V)((half + BIAS) << MANTISSA), (V)((whole - half + BIAS) << MANTISSA)};
    return found;
}

INLINE V exponential(V x) {
    Power e = power_of_e(x);
    return fma_v(e.first, e.part, e.first) * e.second;
}

INLINE V exponential_less_one(V x) { /* where the power overflows, so does the difference */
    Power e = power_of_e(x);
    V scale = e.first * e.second;
    return pick(x > C(HIGHEST - 2), fma_v(e.first, e.part, e.first) * e.second, fma_v(scale, e.part, scale - 1));
}

INLINE V twice_artanh(V s) { /* log((1 + s) / (1 - s)) for 0 <= s <= 1/3 */
    V z = s * s;
#if DOUBLE
    V p = C(2.0 / 35.0);
    NEXT(p, z, 2.0 / 33.0);
    NEXT(p, z, 2.0 / 31.0);
    NEXT(p, z, 2.0 / 29.0);
    NEXT(p, z, 2.0 / 27.0);
    NEXT(p, z, 2.0 / 25.0);
    NEXT(p, z, 2.0 / 23.0);
    NEXT(p, z, 2.0 / 21.0);
    NEXT(p, z, 2.0 / 19.0);
    NEXT(p, z, 2.0 / 17.0);
#else
    V p = C(2.0 / 17.0);
#endif
    NEXT(p, z, 2.0 / 15.0);
    NEXT(p, z, 2.0 / 13.0);
    NEXT(p, z, 2.0 / 11.0);
    NEXT(p, z, 2.0 / 9.0);
    NEXT(p, z, 2.0 / 7.0);
    NEXT(p, z, 2.0 / 5.0);
    NEXT(p, z, 2.0 / 3.0);
    return fma_v(s * z, p, 2 * s);
}

INLINE V logarithm(V x) { /* of a positive normal number: x = 2^e f with f between 1/sqrt 2 and sqrt 2 */
    VWhole e = ((VWhole)x - (VWhole)C(0.70710678118654752)) >> MANTISSA;
    V f = (V)((VWhole)x - (e << MANTISSA)), g = f - 1, n = (V)(e + (VWhole)C(SHIFT)) - C(SHIFT);
    V small = twice_artanh(g / (f + 1));
    return fma_v(n, C(LN2_HIGH), fma_v(n, C(LN2_LOW), small)) + (x - x);
}

INLINE V logarithm_of_one_more(V u) { return twice_artanh(u / (2 + u)); } /* for 0 <= u <= 1 */

INLINE V magnitude(V x) { return pick(x < 0, -x, x); }

INLINE V softplus(V x) { /* log(1 + e^x) */
    return pick(x > 0, x, C(0)) + logarithm_of_one_more(exponential(-magnitude(x)));
}

INLINE V sigmoid(V x) { return 1 / (1 + exponential(-x)); }

INLINE V hyperbolic_tangent(V x) {
    V size = magnitude(x), e = exponential_less_one(2 * pick(size > 22, C(22), size)), t = e / (e + 2);
    return pick(x < 0, -t, t);
}

INLINE V normal_tail(V x) { /* the standard normal distribution beyond x >= 0 */
    /* (1 + 2u) exp(u^2) erfc(u) is a polynomial in (u - 3) / (u + 3), after Shepherd & Laframboise (1981),
       doi:10.1090/S0025-5718-1981-0595058-X; coefficients interpolated at Chebyshev's points in 50 digits. */
    V u = x * C(0.70710678118654752440), t = (u - 3) / (u + 3);
#if DOUBLE
    V p = C(8.3937348586908775496e-10);
    NEXT(p, t, 9.8625335103455875929e-10);
    NEXT(p, t, -8.2175950587114538556e-9);
    NEXT(p, t, -1.3312919661038687714e-8);
    NEXT(p, t, 4.1064013667940352768e-8);
    NEXT(p, t, 1.0183620603842736649e-7);
    NEXT(p, t, -1.4047654315428462329e-7);
    NEXT(p, t, -6.1660114603987259305e-7);
    NEXT(p, t, 3.5576086684080594355e-7);
    NEXT(p, t, 3.4723709449771681704e-6);
    NEXT(p, t, -7.3082814687836139291e-7);
    NEXT(p, t, -0.000020100542268525610943);
    NEXT(p, t, 4.9491966499683453145e-6);
    NEXT(p, t, 0.00012509934245837290944);
    NEXT(p, t, -0.00010515971958448064841);
    NEXT(p, t, -0.00077983226965433065201);
    NEXT(p, t, 0.0018886903449991718495);
    NEXT(p, t, 0.0025293918156939695289);
    NEXT(p, t, -0.023770514917171336801);
    NEXT(p, t, 0.068308027344009903797);
    NEXT(p, t, -0.11927366341538638408);
    NEXT(p, t, 0.12964515870275939232);
    NEXT(p, t, -0.047562294353449196685);
    NEXT(p, t, -0.13562110612458115851);
    NEXT(p, t, 1.2530080582697296471);
#else
    V p = C(0.000077310242240768950556);
    NEXT(p, t, -0.000092545166869239659643);
    NEXT(p, t, -0.00072645367903404842363);
    NEXT(p, t, 0.0018750791237723530031);
    NEXT(p, t, 0.0024991168696069475641);
    NEXT(p, t, -0.023763576439495039671);
    NEXT(p, t, 0.068316567771140853377);
    NEXT(p, t, -0.11927527528224089297);
    NEXT(p, t, 0.12964411434408139391);
    NEXT(p, t, -0.0475621569275200741);
    NEXT(p, t, -0.1356210694002736027);
    NEXT(p, t, 1.2530080563677553423);
#endif
    V square = x * x, rest = fma_v(x, x, -square); /* exp(-x^2 / 2) would lose what rounding takes off x^2 */
    V density = exponential(square * C(-0.5)) * fma_v(rest, C(-0.5), C(1));
    return C(0.5) * density * p / (1 + 2 * u);
}

INLINE V normal_below(V x) { /* its distribution function */
    V size = magnitude(x), tail = normal_tail(pick(size > 40, C(40), size));
    return pick(x > 0, 1 - tail, tail) + (x - x);
}

INLINE V normal_density(V x) { return C(0.39894228040143267794) * exponential(x * x * C(-0.5)); }
