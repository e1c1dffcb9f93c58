"""How much there is to compute and to hold: floating-point operations, parameters, bytes."""
