// Numbers: cards, accounts, phones, identifiers.

extension FoldedText {
    /// Account numbers, written together or in groups.
    func bankAccounts() -> [PersonalData.Match] {
        var found: [PersonalData.Match] = []
        var index = 0
        while index + 4 <= bytes.count {
            if isBoundary(index - 1), let end = bankAccount(from: index) {
                found.append(.init(kind: .bankAccount, scalars: index..<end))
                index = end
            } else {
                index += 1
            }
        }
        return found
    }

    /// The end of the longest account number that starts here.
    private func bankAccount(from start: Int) -> Int? {
        guard bytes[start].isLatinLetter, bytes[start + 1].isLatinLetter, bytes[start + 2].isDigit,
            bytes[start + 3].isDigit
        else { return nil }
        var characters: [UInt8] = []
        var end: Int?
        var index = start
        while index < bytes.count, characters.count < 34 {
            let byte = bytes[index]
            if byte.isDigit || byte.isLatinLetter {
                characters.append(byte.uppercased)
                index += 1
                if characters.count >= 15, isBoundary(index), Self.hasRightRemainder(characters) { end = index }
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-"), characters.count % 4 == 0 {
                index += 1
            } else {
                break
            }
        }
        return end
    }

    /// ISO 7064 MOD 97-10 over the account with its first four characters moved to the end; letters count from 10.
    static func hasRightRemainder(_ characters: [UInt8]) -> Bool {
        var remainder = 0
        for byte in characters[4...] + characters[..<4] {
            remainder =
                byte.isDigit
                ? (remainder * 10 + byte.digitValue) % 97 : (remainder * 100 + Int(byte) - 0x41 + 10) % 97
        }
        return remainder == 1
    }

    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` (RFC 9562).
    func uniqueIdentifiers() -> [PersonalData.Match] {
        runs { $0.isHexadecimal || $0 == UInt8(ascii: "-") }.compactMap { run in
            let parts = bytes[run].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            return parts.map(\.count) == [8, 4, 4, 4, 12] ? .init(kind: .longIdentifier, scalars: run) : nil
        }
    }

    /// Words of 16 or more letters and digits that change between both at least four times, as keys and session names do.
    func longIdentifiers() -> [PersonalData.Match] {
        runs { $0.isDigit || $0.isLatinLetter }.compactMap { run in
            guard run.count >= 16 else { return nil }
            let changes = zip(bytes[run], bytes[run].dropFirst()).count { $0.isDigit != $1.isDigit }
            return changes >= 4 ? .init(kind: .longIdentifier, scalars: run) : nil
        }
    }

    /// Runs of digits with the signs between them that people put there: cards, phones, social security, long numbers.
    func numbers() -> [PersonalData.Match] {
        var found: [PersonalData.Match] = []
        var index = 0
        while index < bytes.count {
            guard let number = number(from: index) else {
                index += 1
                continue
            }
            found += matches(number)
            index = number.place.upperBound
        }
        return found
    }

    /// Groups of digits that belong together.
    private struct Number {
        /// From the plus sign or bracket to the last digit.
        var place: Range<Int>
        var groups: [Range<Int>]
        /// What stands between two groups.
        var separators: [[UInt8]]
        var hasPlus: Bool
        var hasBracket: Bool
    }

    private func number(from start: Int) -> Number? {
        guard isBoundary(start - 1) else { return nil }
        var index = start
        let hasPlus = bytes[index] == UInt8(ascii: "+")
        if hasPlus { index += 1 }
        var hasBracket = index < bytes.count && bytes[index] == UInt8(ascii: "(")
        if hasBracket { index += 1 }
        var number = Number(place: start..<start, groups: [], separators: [], hasPlus: hasPlus, hasBracket: false)
        while true {
            let first = index
            while index < bytes.count, bytes[index].isDigit { index += 1 }
            guard index > first else { break }
            number.groups.append(first..<index)
            number.place = start..<index
            let separator = bytes[index...].prefix { Self.separators.contains($0) }
            if separator.contains(UInt8(ascii: "(")) { hasBracket = true }
            // Two signs at most, three around a slash.
            let longest = separator.contains(UInt8(ascii: "/")) ? 3 : 2
            guard (1...longest).contains(separator.count), separator.endIndex < bytes.count,
                bytes[separator.endIndex].isDigit
            else { break }
            number.separators.append(Array(separator))
            index = separator.endIndex
        }
        guard !number.groups.isEmpty, isBoundary(number.place.upperBound) else { return nil }
        number.hasBracket = hasBracket
        return number
    }

    private static let separators: Set<UInt8> = [
        UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("),
        UInt8(ascii: ")"),
    ]

    private func matches(_ number: Number) -> [PersonalData.Match] {
        if let card = card(in: number) { return [.init(kind: .cardNumber, scalars: card)] }
        let lengths = number.groups.map(\.count)
        if lengths == [3, 2, 4], number.separators.allSatisfy({ $0 == [UInt8(ascii: "-")] }) {
            let area = bytes[number.groups[0]].reduce(0) { $0 * 10 + $1.digitValue }
            if area != 0, area != 666, area < 900 {
                return [.init(kind: .socialSecurityNumber, scalars: number.place)]
            }
        }
        if isPhone(number, lengths) { return [.init(kind: .phoneNumber, scalars: number.place)] }
        return number.groups.filter { $0.count >= 9 }.map { .init(kind: .longIdentifier, scalars: $0) }
    }

    /// Groups next to each other that make a card's number: separated by spaces or hyphens only.
    private func card(in number: Number) -> Range<Int>? {
        for first in number.groups.indices {
            var digits: [Int] = []
            for last in first..<number.groups.count {
                if last > first {
                    let separator = number.separators[last - 1]
                    guard separator == [UInt8(ascii: " ")] || separator == [UInt8(ascii: "-")] else { break }
                }
                digits += bytes[number.groups[last]].map(\.digitValue)
                guard digits.count <= 19 else { break }
                if digits.count >= 13, let lead = digits.first, (2...6).contains(lead), Self.hasRightCheckDigit(digits)
                {
                    return number.groups[first].lowerBound..<number.groups[last].upperBound
                }
            }
        }
        return nil
    }

    /// Luhn's sum: every second digit from the right doubled, its digits added.
    static func hasRightCheckDigit(_ digits: [Int]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 1 ? 2 * digit : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    /// International numbers (E.164: a plus sign and at most 15 digits), numbers of North America (3-3-4, perhaps after a 1), and
    /// national ones that begin with 0 and are grouped.
    private func isPhone(_ number: Number, _ lengths: [Int]) -> Bool {
        let digits = lengths.reduce(0, +)
        if number.hasPlus { return (8...15).contains(digits) }
        if lengths == [3, 3, 4] { return bytes[number.groups[0].lowerBound] >= UInt8(ascii: "2") || number.hasBracket }
        if lengths == [1, 3, 3, 4] { return bytes[number.groups[0].lowerBound] == UInt8(ascii: "1") }
        // A day and an hour are no phone, nor is what looks like a social security number and cannot be one.
        if lengths.starts(with: [2, 2, 4]) || lengths == [3, 2, 4] { return false }
        let startsWithZero = bytes[number.groups[0].lowerBound] == UInt8(ascii: "0")
        return startsWithZero && lengths.count >= 2 && (2...6).contains(lengths[0]) && (9...13).contains(digits)
    }
}
