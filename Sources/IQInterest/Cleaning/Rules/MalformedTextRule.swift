// Texts that were broken on their way: wrong encodings, markup, control characters, floods of marks.

/// How a text is broken.
public enum MalformedText: Sendable, Hashable, CustomStringConvertible {
    /// Control characters, private use, noncharacters.
    case controlCharacters(Int)
    /// U+FFFD, which stands where bytes could not be read.
    case replacementCharacters(Int)
    /// UTF-8 that was read as Windows-1252 or Latin-1, such as "Ã©" for "é".
    case mojibake(Int)
    /// Tags, entities or code of web pages.
    case markup
    /// So many marks in a row on one character.
    case combiningMarks(Int)
    /// Characters that force the direction of writing, with which text hides what it says.
    case directionOverride(Int)
    /// More signs than letters and digits.
    case fewLetters(letters: Int, characters: Int)
    /// The same character so many times in a row.
    case repeatedCharacter(Int)
    /// A run of so many characters without a space, in a script that has spaces.
    case longWord(Int)

    public var description: String {
        switch self {
        case .controlCharacters(let count): "control characters: \(count)"
        case .replacementCharacters(let count): "characters that could not be read: \(count)"
        case .mojibake(let count): "text read in the wrong encoding at \(count) places"
        case .markup: "markup of a web page"
        case .combiningMarks(let count): "\(count) combining marks on one character"
        case .directionOverride(let count): "direction overrides: \(count)"
        case .fewLetters(let letters, let characters): "\(letters) letters and digits in \(characters) characters"
        case .repeatedCharacter(let count): "one character \(count) times in a row"
        case .longWord(let count): "a word of \(count) characters"
        }
    }
}

/// Drops texts that were broken on their way. Each limit is an option; nil turns a check off.
public struct MalformedTextRule: TextRule, Hashable {
    public let name = "malformed"
    /// The most combining marks on one character. Vietnamese needs 2, Hebrew with points and accents 4.
    public var maximumCombiningMarks: Int? = 4
    /// The smallest share of letters and digits among characters that are not white space.
    public var minimumLetterShare: Double? = 0.5
    /// The most times that one character may stand in a row.
    public var maximumRepetition: Int? = 5
    /// The longest word. The longest in use are German legal terms of up to 80 letters, but headlines stay below 40.
    public var maximumWordLength: Int? = 45
    /// Whether markup of web pages is looked for.
    public var findsMarkup = true
    /// Whether signs of a wrong encoding are looked for.
    public var findsMojibake = true

    public init() {}

    public func finding(in text: String) -> CleaningFinding? {
        let scalars = Array(text.unicodeScalars)
        return (characterFault(scalars) ?? encodingFault(scalars) ?? shapeFault(scalars) ?? markupFault(scalars))
            .map(CleaningFinding.malformed)
    }

    private func characterFault(_ scalars: [Unicode.Scalar]) -> MalformedText? {
        var (controls, replacements, overrides) = (0, 0, 0)
        for scalar in scalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20...0x7E: continue
            case 0xFFFD: replacements += 1
            case 0x202D, 0x202E: overrides += 1
            default:
                switch scalar.properties.generalCategory {
                case .control, .privateUse, .surrogate: controls += 1
                case .unassigned where scalar.properties.isNoncharacterCodePoint: controls += 1
                default: break
                }
            }
        }
        // C1 controls come from a wrong encoding as a rule; any control is reason enough.
        if controls > 0 { return .controlCharacters(controls) }
        if replacements > 0 { return .replacementCharacters(replacements) }
        return overrides > 0 ? .directionOverride(overrides) : nil
    }

    /// A lead byte of UTF-8 shown as a Latin letter, and behind it what its continuation bytes look like in Windows-1252.
    private func encodingFault(_ scalars: [Unicode.Scalar]) -> MalformedText? {
        guard findsMojibake else { return nil }
        var places = 0
        for (lead, next) in zip(scalars, scalars.dropFirst()) {
            let isContinuation = (0x80...0xBF).contains(next.value) || Self.windows1252Signs.contains(next.value)
            switch lead.value {
            case 0xC2, 0xC3, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1, 0xE2, 0xF0: if isContinuation { places += 1 }
            default: break
            }
        }
        return places > 0 ? .mojibake(places) : nil
    }

    /// What Windows-1252 shows for the bytes 0x80 to 0x9F.
    private static let windows1252Signs: Set<UInt32> = [
        0x20AC, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x017D, 0x2018,
        0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x017E, 0x0178,
    ]

    private func shapeFault(_ scalars: [Unicode.Scalar]) -> MalformedText? {
        var (letters, shown, marks, mostMarks) = (0, 0, 0, 0)
        var (repetition, mostRepetition) = (0, 0)
        var (word, longestWord) = (0, 0)
        var previous: Unicode.Scalar?
        for scalar in scalars {
            if scalar.isCombiningMark {
                marks += 1
                mostMarks = max(mostMarks, marks)
                continue
            }
            marks = 0
            guard !scalar.properties.isWhitespace else {
                word = 0
                previous = nil
                continue
            }
            shown += 1
            if scalar.isLetterOrDigit || scalar.properties.isEmojiPresentation { letters += 1 }
            repetition = scalar == previous && !scalar.isASCIIDigit ? repetition + 1 : 1
            mostRepetition = max(mostRepetition, repetition)
            // Scripts without spaces begin at Thai; hyphens and slashes end a word.
            let continuesWord = scalar.value < 0x0E00 && scalar != "-" && scalar != "/"
            word = continuesWord ? word + 1 : 0
            longestWord = max(longestWord, word)
            previous = scalar
        }
        if let limit = maximumCombiningMarks, mostMarks > limit { return .combiningMarks(mostMarks) }
        if let limit = maximumRepetition, mostRepetition > limit { return .repeatedCharacter(mostRepetition) }
        if let limit = maximumWordLength, longestWord > limit { return .longWord(longestWord) }
        if let share = minimumLetterShare, Double(letters) < share * Double(shown) {
            return .fewLetters(letters: letters, characters: shown)
        }
        return nil
    }

    private func markupFault(_ scalars: [Unicode.Scalar]) -> MalformedText? {
        guard findsMarkup else { return nil }
        for (index, scalar) in scalars.enumerated() {
            let rest = scalars[(index + 1)...]
            switch scalar {
            case "<":
                // A tag: a letter or a slash follows at once, and a closing bracket comes on the same line.
                if let next = rest.first, next.isASCIILetter || next == "/" || next == "!",
                    rest.prefix(Self.longestTag).contains(">")
                {
                    return .markup
                }
            case "&":
                // An entity: letters or a number up to a semicolon.
                let body = rest.prefix(while: { $0.isASCIILetter || $0.isASCIIDigit || $0 == "#" })
                if body.count >= 2, body.count <= 8, body.endIndex < scalars.endIndex, scalars[body.endIndex] == ";" {
                    return .markup
                }
            case "{", "}", ";":
                // Code: brackets or semicolons together with something that is assigned or called.
                let signs = scalars.filter { "{};=()<>[]".unicodeScalars.contains($0) }
                if signs.count >= 4, signs.count * 12 > scalars.count { return .markup }
                return nil
            default: break
            }
        }
        return nil
    }

    private static let longestTag = 200
}
