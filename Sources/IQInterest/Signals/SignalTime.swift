// Times of signals as text: the profile of ISO 8601 that RFC 3339 defines, read strictly.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Reads and writes `2026-03-14T08:30:00.250+01:00`.
enum SignalTime {
    /// Reads a date, a time and a zone. The zone is `Z`, `+hh:mm`, `+hhmm` or `+hh`; seconds and their fraction may be left
    /// out; `T` may be a space; a leap second counts as the second after it.
    static func date(iso8601 text: String) throws(SignalError) -> Date {
        func refused(_ expected: String) -> SignalError {
            .invalidTime(text.prefix(bytes: 64), expected: expected)
        }
        var digits = DigitReader(bytes: Array(text.utf8.prefix(64)))
        guard text.utf8.count <= 64, let year = digits.number(of: 4), digits.skip("-"),
            let month = digits.number(of: 2), digits.skip("-"), let day = digits.number(of: 2)
        else { throw refused("a date such as 2026-03-14 was expected first") }
        guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year) else {
            throw refused("there is no such day")
        }
        guard digits.skip("T") || digits.skip("t") || digits.skip(" "), let hour = digits.number(of: 2),
            digits.skip(":"), let minute = digits.number(of: 2)
        else { throw refused("a time of day such as T08:30:00 was expected after the date") }
        var second = 0
        var fraction = 0.0
        if digits.skip(":") {
            guard let value = digits.number(of: 2) else { throw refused("two digits of seconds were expected") }
            second = value
            if digits.skip(".") || digits.skip(",") {
                guard let value = digits.fraction() else { throw refused("digits were expected after the point") }
                fraction = value
            }
        }
        guard hour <= 23, minute <= 59, second <= 60 else { throw refused("there is no such time of day") }
        guard let zone = zoneSeconds(&digits) else {
            throw refused("a zone such as Z or +01:00 was expected at the end")
        }
        guard digits.isAtEnd else { throw refused("nothing may follow the zone") }
        let days = daysFrom1970(year: year, month: month, day: day)
        return Date(timeIntervalSince1970: Double(days * 86400 + hour * 3600 + minute * 60 + second - zone) + fraction)
    }

    /// The time in UTC, with milliseconds where it has some.
    static func text(of date: Date) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded())
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86400)
        let (year, month, day) = civilDate(daysFrom1970: days)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        let end = fraction == 0 ? "Z" : "." + padded(fraction, 3) + "Z"
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock)\(end)"
    }

    private static func zoneSeconds(_ digits: inout DigitReader) -> Int? {
        if digits.skip("Z") || digits.skip("z") { return 0 }
        let sign: Int
        if digits.skip("+") { sign = 1 } else if digits.skip("-") { sign = -1 } else { return nil }
        guard let hours = digits.number(of: 2), hours <= 23 else { return nil }
        if digits.isAtEnd { return sign * hours * 3600 }
        _ = digits.skip(":")
        guard let minutes = digits.number(of: 2), minutes <= 59 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the Gregorian calendar. Years are taken to begin in March, so that the leap day comes last.
    static func daysFrom1970(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        return shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
    }

    /// The inverse of ``daysFrom1970(year:month:day:)`` for days from 1970 on.
    private static func civilDate(daysFrom1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

/// Reads fixed numbers of digits from the front of some bytes.
private struct DigitReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(of count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        position += count
        return value
    }

    /// The digits from here on as a fraction of one; nil if there is none.
    mutating func fraction() -> Double? {
        var value = 0.0
        var scale = 1.0
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            value = value * 10 + Double(bytes[position] - UInt8(ascii: "0"))
            scale *= 10
            position += 1
        }
        return position == start ? nil : value / scale
    }
}
