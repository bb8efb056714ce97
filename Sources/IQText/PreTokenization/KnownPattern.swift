// The split patterns of the model families we run, each as a hand-written scanner: a general regular-expression engine would
// take most of the tokenising time. A pattern is recognised by its exact text.

/// A split pattern with a scanner of its own. Its matches cover any text without a gap.
struct KnownPattern: Sendable, Equatable {
    /// `'s|'t|'re|'ve|'m|'ll|'d` of any case (Llama 3, Qwen) or of lower case only (GPT-2).
    let contractionsIgnoreCase: Bool
    /// What may precede the letters of a word: a space (GPT-2), or any one character but a letter, number or line break.
    let wordTakesAnyPrefix: Bool
    /// Numbers of at most this many digits; nil for any run, with a space before it (GPT-2).
    let longestNumber: Int?
    /// Line breaks belong to the punctuation before them, and white space ends with its last line break.
    let linesEndPieces: Bool

    /// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
    static let gpt2 = KnownPattern(
        contractionsIgnoreCase: false,
        wordTakesAnyPrefix: false,
        longestNumber: nil,
        linesEndPieces: false
    )
    static let llama3 = KnownPattern(
        contractionsIgnoreCase: true,
        wordTakesAnyPrefix: true,
        longestNumber: 3,
        linesEndPieces: true
    )
    /// Qwen 2, 2.5 and 3: as Llama 3, but each digit stands alone.
    static let qwen2 = KnownPattern(
        contractionsIgnoreCase: true,
        wordTakesAnyPrefix: true,
        longestNumber: 1,
        linesEndPieces: true
    )

    /// The scanner for a pattern's text, if there is one.
    init?(pattern: String) {
        let end = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        let words = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
        switch pattern {
        case #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: self = .gpt2
        case words + #"\p{N}{1,3}"# + end: self = .llama3
        case words + #"\p{N}"# + end: self = .qwen2
        default: return nil
        }
    }

    private init(
        contractionsIgnoreCase: Bool,
        wordTakesAnyPrefix: Bool,
        longestNumber: Int?,
        linesEndPieces: Bool
    ) {
        self.contractionsIgnoreCase = contractionsIgnoreCase
        self.wordTakesAnyPrefix = wordTakesAnyPrefix
        self.longestNumber = longestNumber
        self.linesEndPieces = linesEndPieces
    }

    /// Appends the matches within a range of well-formed UTF-8; the end of the range is the end of the text.
    func appendPieces(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to pieces: inout [Range<Int>]) {
        var scanner = PatternScanner(pattern: self, text: text, position: range.lowerBound, end: range.upperBound)
        while scanner.position < range.upperBound {
            let start = scanner.position
            scanner.advance()
            pieces.append(start..<scanner.position)
        }
    }
}

/// Steps over one match after the other.
private struct PatternScanner {
    let pattern: KnownPattern
    let text: UnsafeBufferPointer<UInt8>
    var position: Int
    let end: Int
    let classes = CharacterClasses.shared

    private struct Character {
        var value: UInt32
        var length: Int
        var classes: CharacterClass

        var isLetter: Bool { classes.contains(.letter) }
        var isNumber: Bool { classes.contains(.number) }
        var isSpace: Bool { classes.contains(.whitespace) }
        var isOther: Bool { classes.isDisjoint(with: [.letter, .number, .whitespace]) }
        var isLineBreak: Bool { value == 0x0A || value == 0x0D }
    }

    /// The character at a place before the end.
    @inline(__always)
    private func character(at index: Int) -> Character {
        let (value, length) = UTF8Scalars.decode(text, at: index)
        return Character(value: value, length: length, classes: classes[value])
    }

    @inline(__always)
    private mutating func skip(while matches: (Character) -> Bool) {
        while position < end {
            let next = character(at: position)
            guard matches(next) else { return }
            position += next.length
        }
    }

    /// Moves behind the match that starts here: the alternatives in the order of the pattern.
    @inline(__always)
    mutating func advance() {
        let first = character(at: position)
        if first.value == 0x27, let length = contractionLength() {
            position += length
            return
        }
        if first.isLetter {
            position += first.length
            skip { $0.isLetter }
            return
        }
        let second = position + first.length < end ? character(at: position + first.length) : nil
        let isSpaceCharacter = first.value == 0x20
        if let second, second.isLetter,
            pattern.wordTakesAnyPrefix ? !first.isNumber && !first.isLineBreak : isSpaceCharacter
        {
            position += first.length + second.length
            skip { $0.isLetter }
            return
        }
        if first.isNumber {
            number(first)
            return
        }
        if isSpaceCharacter, pattern.longestNumber == nil, let second, second.isNumber {
            position += 1
            skip { $0.isNumber }
            return
        }
        if first.isOther || isSpaceCharacter && second?.isOther == true {
            position += first.length
            skip { $0.isOther }
            if pattern.linesEndPieces { skip { $0.isLineBreak } }
            return
        }
        whiteSpace()
    }

    private mutating func number(_ first: Character) {
        guard let longest = pattern.longestNumber else {
            skip { $0.isNumber }
            return
        }
        position += first.length
        for _ in 1..<Swift.max(longest, 1) {
            guard position < end else { return }
            let next = character(at: position)
            guard next.isNumber else { return }
            position += next.length
        }
    }

    /// `\s*[\r\n]+` (where the pattern has it), `\s+(?!\S)`, `\s+`.
    private mutating func whiteSpace() {
        var behindLastLineBreak: Int?
        var lastStart = position
        let start = position
        while position < end {
            let next = character(at: position)
            guard next.isSpace else { break }
            lastStart = position
            position += next.length
            if next.isLineBreak { behindLastLineBreak = position }
        }
        if pattern.linesEndPieces, let behindLastLineBreak {
            position = behindLastLineBreak
        } else if position < end, lastStart > start {
            // The last space is left to the word that follows.
            position = lastStart
        }
    }

    /// Length of the contraction at an apostrophe.
    private func contractionLength() -> Int? {
        let start = position + 1
        guard start < end else { return nil }
        // The long s folds to s where case is ignored.
        if pattern.contractionsIgnoreCase, text[start] == 0xC5, start + 1 < end, text[start + 1] == 0xBF { return 3 }
        func letter(_ index: Int) -> UInt8 {
            guard index < end else { return 0 }
            let byte = text[index]
            return pattern.contractionsIgnoreCase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        }
        switch letter(start) {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(start + 1) == UInt8(ascii: "e") ? 3 : nil
        case UInt8(ascii: "l"): return letter(start + 1) == UInt8(ascii: "l") ? 3 : nil
        default: return nil
        }
    }
}
