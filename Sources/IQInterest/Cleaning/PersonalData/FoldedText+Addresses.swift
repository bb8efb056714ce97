// Addresses: of e-mail, of networks, of streets.

extension FoldedText {
    /// `local@domain.tld`: the common part of RFC 5321 that people write.
    func emailAddresses() -> [PersonalData.Match] {
        var found: [PersonalData.Match] = []
        for (at, byte) in bytes.enumerated() where byte == UInt8(ascii: "@") {
            var start = at
            while start > 0, Self.isLocalPart(bytes[start - 1]) { start -= 1 }
            var end = at + 1
            while end < bytes.count,
                bytes[end].isWordPart || bytes[end] == UInt8(ascii: ".") || bytes[end] == UInt8(ascii: "-")
            {
                end += 1
            }
            while end > at + 1, !bytes[end - 1].isWordPart { end -= 1 }
            let labels = bytes[(at + 1)..<end].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard start < at, labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }), let top = labels.last,
                top.count >= 2,
                top.allSatisfy({ !$0.isDigit })
            else { continue }
            found.append(.init(kind: .emailAddress, scalars: start..<end))
        }
        return found
    }

    private static func isLocalPart(_ byte: UInt8) -> Bool {
        byte.isWordPart
            || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(
                byte
            )
    }

    /// Four numbers up to 255 between dots, or groups of hexadecimal digits between colons.
    func networkAddresses() -> [PersonalData.Match] {
        let dotted = runs { $0.isDigit || $0 == UInt8(ascii: ".") }.compactMap { run -> PersonalData.Match? in
            var run = run
            while let last = bytes[run].last, !last.isDigit { run.removeLast() }
            let parts = bytes[run].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count == 4, isBoundary(run.lowerBound - 1), isBoundary(run.upperBound),
                parts.allSatisfy({ (1...3).contains($0.count) && $0.reduce(0) { $0 * 10 + $1.digitValue } <= 255 })
            else { return nil }
            return .init(kind: .networkAddress, scalars: run)
        }
        let colons = runs { $0.isHexadecimal || $0 == UInt8(ascii: ":") }.compactMap { run -> PersonalData.Match? in
            let parts = bytes[run].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            let groups = parts.filter { !$0.isEmpty }
            let isShortened = parts.dropFirst().dropLast().contains(where: \.isEmpty)
            guard isBoundary(run.lowerBound - 1), isBoundary(run.upperBound), groups.allSatisfy({ $0.count <= 4 }),
                bytes[run].contains(where: \.isDigit),
                isShortened ? (2...7).contains(groups.count) && parts.count >= 3 : groups.count == 8 && parts.count == 8
            else { return nil }
            return .init(kind: .networkAddress, scalars: run)
        }
        return dotted + colons
    }

    /// "1600 Elm Street, …", "12 Oak Ave Apt 4", "Lindenstraße 12, 10115 …".
    ///
    /// A number, one to three words and a word for a street are not enough: a comma, a unit or a postal code must follow, or
    /// headlines such as "5 ways to drive" would be addresses.
    func streetAddresses() -> [PersonalData.Match] {
        let words = runs { $0 != UInt8(ascii: " ") }.map { Word(self, $0) }
        var found: [PersonalData.Match] = []
        for index in words.indices {
            if let end = englishAddress(words, from: index) ?? germanAddress(words, from: index) {
                found.append(
                    .init(kind: .streetAddress, scalars: words[index].place.lowerBound..<words[end].place.upperBound)
                )
            }
        }
        return found
    }

    private struct Word {
        let place: Range<Int>
        /// Lower case, without signs at the end.
        let text: String
        let endsWithComma: Bool

        init(_ folded: FoldedText, _ place: Range<Int>) {
            self.place = place
            let bytes = folded.bytes[place]
            endsWithComma = bytes.last == UInt8(ascii: ",")
            let core = bytes.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ".") }
            text = String(decoding: core.map { $0.isLatinLetter ? $0 | 0x20 : ($0 < 0x80 ? $0 : 0x7E) }, as: UTF8.self)
        }

        var digits: Int { text.utf8.prefix(while: \.isDigit).count }
        /// A house number, such as 12 or 12b.
        var isHouseNumber: Bool { (1...5).contains(digits) && text.utf8.count <= digits + 1 }
        var isPostalCode: Bool { digits == 5 && text.utf8.count == 5 }
        var isName: Bool {
            text.utf8.first.map { !$0.isDigit } ?? false || text.hasSuffix("th") || text.hasSuffix("nd")
        }
    }

    private func englishAddress(_ words: [Word], from first: Int) -> Int? {
        guard words[first].isHouseNumber, !words[first].endsWithComma else { return nil }
        for length in 1...3 {
            let street = first + length + 1
            guard street < words.count else { return nil }
            let names = words[(first + 1)..<street]
            guard names.allSatisfy({ $0.isName && !$0.endsWithComma && !Self.notInNames.contains($0.text) }) else {
                return nil
            }
            guard Self.streetWords.contains(words[street].text) else { continue }
            if street + 1 < words.count {
                let next = words[street + 1]
                if Self.unitWords.contains(next.text) { return min(street + 2, words.count - 1) }
                if next.isPostalCode { return street + 1 }
            }
            if words[street].endsWithComma, street + 1 < words.count { return street }
            if street + 2 < words.count, words[(street + 1)...].prefix(4).contains(where: \.isPostalCode) {
                return street
            }
        }
        return nil
    }

    private func germanAddress(_ words: [Word], from first: Int) -> Int? {
        let name = words[first].text
        // "ß" is one scalar outside ASCII, so "straße" reads "stra~e".
        let isStreet = ["stra~e", "strasse", "str", "gasse", "allee"].contains {
            name.hasSuffix($0) && name.utf8.count > $0.utf8.count + 2
        }
        guard isStreet, first + 2 < words.count, words[first + 1].isHouseNumber, words[first + 2].isPostalCode else {
            return nil
        }
        return first + 2
    }

    private static let streetWords: Set<String> = [
        "street", "st", "avenue", "ave", "boulevard", "blvd", "road", "rd", "lane", "ln", "drive", "dr", "court", "ct",
        "terrace", "way", "place", "pl",
    ]
    private static let unitWords: Set<String> = ["apt", "apartment", "unit", "suite", "ste", "floor", "flat"]
    private static let notInNames: Set<String> = [
        "to", "for", "of", "the", "and", "in", "on", "that", "you", "your", "ways", "a", "an", "by", "best", "with",
        "is",
    ]
}
