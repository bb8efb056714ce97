// Numbers as people read them.

package enum NumberText {
    /// With a fixed number of decimals.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞" }
        let factor = power(decimals)
        guard abs(value) * factor < 1e17 else { return "\(value)" }
        let scaled = (abs(value) * factor).rounded()
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard decimals > 0 else { return sign + padded }
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// With so many significant digits; very small and very large ones as a power of ten.
    package static func significant(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, decimals: 0) }
        // Powers of ten below have no number of their own.
        guard abs(value) > 1e-300 else { return "\(value)" }
        let exponent = decimalExponent(value, digits: digits)
        if exponent < -4 || exponent >= max(digits, 7) { return scientific(value, digits: digits) }
        return trimmed(fixed(value, decimals: max(0, digits - 1 - exponent)))
    }

    /// With so many significant digits, as a power of ten.
    package static func scientific(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite, abs(value) > 1e-300 else { return significant(value, digits: digits) }
        let exponent = decimalExponent(value, digits: digits)
        return trimmed(fixed(value / power(exponent), decimals: digits - 1)) + "e\(exponent)"
    }

    /// A count with spaces between groups of three digits: `1 234 567`.
    package static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return (value < 0 ? "−" : "") + text
    }

    /// A length of time in its two largest units: `45 s`, `2 min 05 s`, `3 h 07 min`, `2 d 04 h`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "-" }
        let whole = Int(max(0, seconds).rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(twoDigits(whole % 60)) s"
        case ..<86400: return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
        default: return "\(whole / 86400) d \(twoDigits(whole % 86400 / 3600)) h"
        }
    }

    package static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// 10 to an integer power.
    package static func power(_ exponent: Int) -> Double {
        // Parsing rounds correctly; repeated multiplication would not.
        Double("1e\(exponent)") ?? (exponent < 0 ? 0 : .infinity)
    }

    /// The power of ten of the first digit, after rounding to so many digits.
    private static func decimalExponent(_ value: Double, digits: Int) -> Int {
        var exponent = 0
        var magnitude = abs(value)
        while magnitude >= 10 {
            magnitude /= 10
            exponent += 1
        }
        while magnitude < 1 {
            magnitude *= 10
            exponent -= 1
        }
        let rounded = (magnitude * power(digits - 1)).rounded()
        return rounded >= power(digits) ? exponent + 1 : exponent
    }

    /// Without zeros that end the decimals.
    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = Substring(text)
        while text.hasSuffix("0") { text = text.dropLast() }
        if text.hasSuffix(".") { text = text.dropLast() }
        return String(text)
    }
}
