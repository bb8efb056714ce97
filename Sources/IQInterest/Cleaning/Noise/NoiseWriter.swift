// Writes single lines of noise: by breaking a line, by drawing letters, or by filling the holes of a template.

internal import IQTensor

struct NoiseWriter {
    var random: RandomStream
    let side: CleaningNoise.Side
    let clean: [String]

    mutating func line(of kind: CleaningNoise.Kind) -> String {
        switch kind {
        case .keyboardMash: keyboardMash()
        case .randomToken: filled(NoiseTemplates.tokens[side])
        case .mojibake: mojibake()
        case .truncated: truncated()
        case .markup: filled(NoiseTemplates.markup[side])
        case .address: filled(NoiseTemplates.addresses[side])
        case .logLine: filled(NoiseTemplates.logLines[side])
        case .botTemplate: filled(NoiseTemplates.botQueries[side])
        case .navigational: filled(NoiseTemplates.navigation[side])
        case .personalData: filled(NoiseTemplates.personal[side])
        case .boilerplate: filled(NoiseTemplates.boilerplate[side])
        case .foreignSpam: filled(NoiseTemplates.foreignSpam[side])
        case .spam: filled(NoiseTemplates.spam[side])
        }
    }

    // MARK: Drawing

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[random.uniform(below: elements.count)] }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + random.uniform(below: range.count)
    }

    mutating func isTrue(_ probability: Double) -> Bool { random.uniform() < probability }

    mutating func letters(_ count: Int, of alphabet: String) -> String {
        let letters = Array(alphabet.unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<count { text.append(pick(letters)) }
        return String(text)
    }

    // MARK: Letters

    /// Training: runs along the rows of a keyboard and pairs struck again and again. Test: random letters and hands that alternate.
    private mutating func keyboardMash() -> String {
        let words = number(1...3)
        return (0..<words).map { _ in mashedWord() }.joined(separator: isTrue(0.9) ? " " : pick([",", ";", "."]))
    }

    private mutating func mashedWord() -> String {
        let count = number(5...14)
        switch (side, random.uniform(below: 3)) {
        case (.training, 0):
            // Along a row, there and back.
            let row = Array(pick(["qwertyuiop", "asdfghjkl", "zxcvbnm", "asdfjkl"]).unicodeScalars)
            var (place, step) = (random.uniform(below: row.count), isTrue(0.5) ? 1 : -1)
            var text = String.UnicodeScalarView()
            for _ in 0..<count {
                text.append(row[place])
                if !row.indices.contains(place + step) || isTrue(0.15) { step = -step }
                place = min(max(place + step, 0), row.count - 1)
            }
            return String(text)
        case (.training, 1): return letters(count, of: pick(["asdfghjkl", "sdfghjk", "qwertyuiop", "fghjrtyu"]))
        case (.training, _):
            let piece = letters(number(2...4), of: "asdfghjklqweruio")
            return String(repeating: piece, count: 1 + count / piece.utf8.count)
        case (.test, 0): return letters(count, of: "abcdefghijklmnopqrstuvwxyz")
        case (.test, 1):
            // Left and right hand in turn.
            return (0..<count).map { place in letters(1, of: place % 2 == 0 ? "asdfgwerxcv" : "hjkluiopnm") }.joined()
        case (.test, _):
            return letters(number(2...4), of: "zxcvbnmkjh")
                + String(repeating: letters(1, of: "aegklmuz"), count: number(3...9))
        }
    }

    // MARK: Broken lines

    /// Training: UTF-8 read as Latin-1, once or twice. Test: bytes replaced, or another wrong encoding.
    private mutating func mojibake() -> String {
        let line = withAccents(pick(clean))
        switch (side, random.uniform(below: 2)) {
        case (.training, 0): return Self.readAsLatin1(line)
        case (.training, _): return Self.readAsLatin1(Self.readAsLatin1(line))
        case (.test, 0):
            let replacement = pick(["\u{FFFD}", "?", "\u{FFFD}\u{FFFD}", "□"])
            return line.unicodeScalars.map { scalar -> String in
                scalar.value >= 0x80 || isTrue(0.06) ? replacement : String(scalar)
            }.joined()
        case (.test, _):
            // UTF-8 read as one of the Cyrillic code pages: bytes above 0x7F become Cyrillic letters.
            return line.utf8.map { byte -> String in
                String(Unicode.Scalar(byte < 0x80 ? UInt32(byte) : 0x400 + UInt32(byte & 0x5F)) ?? "?")
            }.joined()
        }
    }

    /// Some vowels get accents and quotation marks curves, as a line needs them to be broken.
    private mutating func withAccents(_ line: String) -> String {
        let accents: [Unicode.Scalar: Unicode.Scalar] = [
            "a": "á", "e": "é", "i": "í", "o": "ö", "u": "ü", "'": "’", "n": "ñ", "-": "–",
        ]
        var text = String.UnicodeScalarView()
        for scalar in line.unicodeScalars { text.append(isTrue(0.35) ? accents[scalar] ?? scalar : scalar) }
        return String(text)
    }

    private static func readAsLatin1(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for byte in text.utf8 { result.append(Unicode.Scalar(byte)) }
        return String(result)
    }

    /// Training: a piece from within words to within words, or a line without spaces. Test: pieces of two lines, or without vowels.
    private mutating func truncated() -> String {
        let line = Array(pick(clean).unicodeScalars)
        func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            return String(view)
        }
        switch (side, random.uniform(below: 2)) {
        case (.training, 0): return text(piece(of: line, 6...18)) + pick(["", "...", "…", "-"])
        case (.training, _): return text(line.filter { $0 != " " }.prefix(number(12...44)))
        case (.test, 0):
            return text(piece(of: line, 4...10)) + pick([" ", "|", "...", ""])
                + text(piece(of: Array(pick(clean).unicodeScalars), 4...10))
        case (.test, _): return text(line.filter { !"aeiouAEIOU".unicodeScalars.contains($0) }.prefix(number(10...40)))
        }
    }

    /// A piece whose both ends lie within words where the line is long enough.
    private mutating func piece(of line: [Unicode.Scalar], _ lengths: ClosedRange<Int>) -> ArraySlice<Unicode.Scalar> {
        let length = min(number(lengths), line.count)
        var start = random.uniform(below: line.count - length + 1)
        for _ in 0..<8 {
            let end = start + length
            let cutsBefore = start > 0 && line[start - 1] != " " && line[start] != " "
            let cutsBehind = end < line.count && line[end - 1] != " " && line[end] != " "
            if cutsBefore && cutsBehind { break }
            start = random.uniform(below: line.count - length + 1)
        }
        return line[start..<start + length]
    }

    // MARK: Templates

    /// A template with its holes filled: ⟨name⟩, ⟨name:argument⟩.
    private mutating func filled(_ templates: [String]) -> String {
        var text = ""
        var rest = pick(templates)[...]
        while let open = rest.firstIndex(of: "⟨"), let close = rest[open...].firstIndex(of: "⟩") {
            text += rest[..<open]
            text += hole(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    private mutating func hole(_ name: String) -> String {
        let parts = name.split(separator: ":").map(String.init)
        let size = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        switch parts.first {
        case "digits": return letters(size, of: "0123456789")
        case "number": return "\(number(1...max(1, size)))"
        case "hex": return letters(size, of: "0123456789abcdef")
        case "base64": return letters(size, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        case "lower": return letters(size, of: "abcdefghijklmnopqrstuvwxyz")
        case "upper": return letters(size, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        case "word": return pick(NoiseTemplates.words[side])
        case "site": return pick(NoiseTemplates.sites[side])
        case "city": return pick(NoiseTemplates.cities[side])
        case "first": return pick(NoiseTemplates.firstNames[side])
        case "last": return pick(NoiseTemplates.lastNames[side])
        case "street": return pick(NoiseTemplates.streets[side])
        case "topic": return pick(NoiseTemplates.topics[side])
        case "card": return card()
        case "iban": return account()
        default: return name
        }
    }

    /// 16 digits with the right check digit, in groups or not.
    private mutating func card() -> String {
        var digits = Array(letters(15, of: "0123456789").utf8).map(\.digitValue)
        digits[0] = pick([4, 5])
        let check = (0...9).first { FoldedText.hasRightCheckDigit(digits + [$0]) } ?? 0
        let text = (digits + [check]).map(String.init)
        guard isTrue(0.6) else { return text.joined() }
        return stride(from: 0, to: 16, by: 4).map { text[$0..<$0 + 4].joined() }.joined(separator: pick([" ", "-"]))
    }

    /// An account of 22 characters with right check digits.
    private mutating func account() -> String {
        let country = pick(["DE", "GB", "IE"])
        let body = letters(18, of: "0123456789")
        let check = (2...98).first {
            FoldedText.hasRightRemainder(Array((country + Self.twoDigits($0) + body).utf8))
        }
        return country + Self.twoDigits(check ?? 2) + body
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
