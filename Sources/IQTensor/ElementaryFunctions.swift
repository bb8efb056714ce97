// The few elementary functions that scalar Swift code needs, from the system's mathematics library.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// eˣ.
package func exponential(_ x: Double) -> Double { exp(x) }

/// ln x.
package func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// cos x.
package func cosine(_ x: Double) -> Double { cos(x) }

/// sin x.
package func sine(_ x: Double) -> Double { sin(x) }
