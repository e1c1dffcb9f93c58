/* exp, log and what follows from them, by series of our own: the same bits wherever they are compiled.
 *
 * All are straight lines without branches, so that compilers turn loops over them into vector code; a number that is
 * not finite stays so. Errors against high precision are bounded in tests/train/native/test_elementary.py.
 */

INLINE Whole bits_of(Real x) { Whole n; memcpy(&n, &x, sizeof n); return n; }
INLINE Real number_of(Whole n) { Real x; memcpy(&x, &n, sizeof x); return x; }

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
#define NEXT(p, x, c) p = fma1(p, x, (Real)(c))

typedef struct { Real part, first, second; } Power; /* e^x - 1 = second (first (part + 1)) - 1 with |part| < 0.42 */

INLINE Power power_of_e(Real x) { /* x = n log 2 + r, e^r - 1 by Taylor's series, 2^n in two factors */
    x = x < (Real)LOWEST ? (Real)LOWEST : x;
    x = x > (Real)HIGHEST ? (Real)HIGHEST : x;
    Real shifted = fma1(x, (Real)1.4426950408889634074, (Real)SHIFT), n = shifted - (Real)SHIFT;
    Real r = fma1(n, -(Real)LN2_HIGH, x);
    r = fma1(n, -(Real)LN2_LOW, r);
#if DOUBLE
    Real p = (Real)(1.0 / 6227020800.0);
    NEXT(p, r, 1.0 / 479001600.0);
    NEXT(p, r, 1.0 / 39916800.0);
    NEXT(p, r, 1.0 / 3628800.0);
    NEXT(p, r, 1.0 / 362880.0);
    NEXT(p, r, 1.0 / 40320.0);
    NEXT(p, r, 1.0 / 5040.0);
#else
    Real p = (Real)(1.0 / 5040.0);
#endif
    NEXT(p, r, 1.0 / 720.0);
    NEXT(p, r, 1.0 / 120.0);
    NEXT(p, r, 1.0 / 24.0);
    NEXT(p, r, 1.0 / 6.0);
    NEXT(p, r, 1.0 / 2.0);
    Whole whole = bits_of(shifted) - bits_of((Real)SHIFT), half = whole >> 1;
    Power found = {fma1(r * r, p, r), number_of((half + BIAS) << MANTISSA), number_of((whole - half + BIAS) << MANTISSA)};
    return found;
}

INLINE Real exponential(Real x) {
    Power e = power_of_e(x);
    return fma1(e.first, e.part, e.first) * e.second;
}

INLINE Real exponential_less_one(Real x) { /* where the power overflows, so does the difference */
    Power e = power_of_e(x);
    Real scale = e.first * e.second;
    return x > (Real)(HIGHEST - 2) ? exponential(x) : fma1(scale, e.part, scale - 1);
}

INLINE Real twice_artanh(Real s) { /* log((1 + s) / (1 - s)) for 0 <= s <= 1/3 */
    Real z = s * s;
#if DOUBLE
    Real p = (Real)(2.0 / 35.0);
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
    Real p = (Real)(2.0 / 17.0);
#endif
    NEXT(p, z, 2.0 / 15.0);
    NEXT(p, z, 2.0 / 13.0);
    NEXT(p, z, 2.0 / 11.0);
    NEXT(p, z, 2.0 / 9.0);
    NEXT(p, z, 2.0 / 7.0);
    NEXT(p, z, 2.0 / 5.0);
    NEXT(p, z, 2.0 / 3.0);
    return fma1(s * z, p, 2 * s);
}

INLINE Real logarithm(Real x) { /* of a positive normal number: x = 2^e f with f between 1/sqrt 2 and sqrt 2 */
    Whole e = (bits_of(x) - bits_of((Real)0.70710678118654752)) >> MANTISSA;
    Real f = number_of(bits_of(x) - (Whole)((uint64_t)e << MANTISSA)), g = f - 1, n = (Real)e;
    Real small = twice_artanh(g / (f + 1));
    return fma1(n, (Real)LN2_HIGH, fma1(n, (Real)LN2_LOW, small)) + (x - x);
}

INLINE Real logarithm_of_one_more(Real u) { return twice_artanh(u / (2 + u)); } /* for 0 <= u <= 1 */

INLINE Real magnitude(Real x) { return x < 0 ? -x : x; }

INLINE Real softplus(Real x) { /* log(1 + e^x) */
    return (x > 0 ? x : 0) + logarithm_of_one_more(exponential(-magnitude(x)));
}

INLINE Real sigmoid(Real x) { return 1 / (1 + exponential(-x)); }

INLINE Real hyperbolic_tangent(Real x) {
    Real size = magnitude(x), e = exponential_less_one(2 * (size > 22 ? (Real)22 : size)), t = e / (e + 2);
    return x < 0 ? -t : t;
}

INLINE Real normal_tail(Real x) { /* the standard normal distribution beyond x >= 0 */
    /* (1 + 2u) exp(u^2) erfc(u) is a polynomial in (u - 3) / (u + 3), after Shepherd & Laframboise (1981),
       doi:10.1090/S0025-5718-1981-0595058-X; coefficients interpolated at Chebyshev's points in 50 digits. */
    Real u = x * (Real)0.70710678118654752440, t = (u - 3) / (u + 3);
#if DOUBLE
    Real p = (Real)(8.3937348586908775496e-10);
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
    Real p = (Real)(0.000077310242240768950556);
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
    Real square = x * x, rest = fma1(x, x, -square); /* exp(-x^2 / 2) would lose what rounding takes off x^2 */
    Real density = exponential(square * (Real)-0.5) * fma1(rest, (Real)-0.5, (Real)1);
    return (Real)0.5 * density * p / (1 + 2 * u);
}

INLINE Real normal_below(Real x) { /* its distribution function */
    Real tail = normal_tail(magnitude(x) > 40 ? (Real)40 : magnitude(x));
    return (x > 0 ? 1 - tail : tail) + (x - x);
}

INLINE Real normal_density(Real x) { return (Real)0.39894228040143267794 * exponential(x * x * (Real)-0.5); }
