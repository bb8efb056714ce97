// What a text looks like, whatever it means: lengths, shares of characters, runs. An encoder of meaning cuts words into pieces and
// sees little of this.

internal import IQTensor

/// Numbers about the characters of a text, each finite and bounded.
enum TextShape {
    /// The names of ``values(of:)``, in order; a head is bound to them.
    static let names = [
        "logCharacters", "logWords", "meanWordLength", "longestWord", "letterShare", "digitShare", "upperShare",
        "signShare",
        "codeSignShare", "foreignLetterShare", "capitalWordShare", "mixedWordShare", "vowelShare",
        "longestConsonantRun",
        "longestRepetition", "neighbourKeyShare", "pairVariety", "repeatedWordShare", "functionWordShare",
        "startsInLowerCase",
        "startsWithSign", "endsWithSign", "letterUsualness", "leastUsualWord",
    ]

    static func values(of text: String, letters model: LetterModel) -> [Double] {
        let counts = Counts(text)
        let words = text.split(whereSeparator: \.isWhitespace)
        let lengths = words.map { $0.unicodeScalars.count }
        let tokens = TextAnalyzer().tokens(text)
        let usualness = model.usualness(of: text)
        func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
        let first = text.unicodeScalars.first
        let last = text.unicodeScalars.last
        return [
            naturalLogarithm(1 + Double(min(counts.shown, 2000))),
            naturalLogarithm(1 + Double(min(words.count, 400))),
            min(share(lengths.reduce(0, +), of: words.count), 30),
            Double(min(lengths.max() ?? 0, 60)),
            share(counts.letters, of: counts.shown),
            share(counts.digits, of: counts.shown),
            share(counts.upper, of: counts.letters),
            share(counts.signs, of: counts.shown),
            share(counts.codeSigns, of: counts.shown),
            share(counts.foreign, of: counts.letters),
            share(words.count { $0.unicodeScalars.first?.properties.isUppercase ?? false }, of: words.count),
            share(words.count(where: Self.isMixed), of: words.count),
            share(counts.vowels, of: counts.latin),
            Double(min(counts.longestConsonantRun, 15)),
            Double(min(counts.longestRepetition, 12)),
            share(counts.neighbourKeys, of: counts.pairs),
            share(counts.differentPairs, of: counts.pairs),
            share(tokens.count - Set(tokens).count, of: tokens.count),
            share(tokens.count(where: EnglishFunctionWords.all.contains), of: tokens.count),
            first?.properties.isLowercase ?? false ? 1 : 0,
            first.map { $0.isLetterOrDigit ? 0 : 1 } ?? 0,
            last.map { $0.isLetterOrDigit ? 0 : 1 } ?? 0,
            usualness.text,
            usualness.leastWord,
        ]
    }

    /// Letters and digits in one word, as in identifiers.
    private static func isMixed(_ word: Substring) -> Bool {
        var (letters, digits) = (false, false)
        for scalar in word.unicodeScalars {
            if scalar.isASCIIDigit { digits = true } else if scalar.isASCIILetter { letters = true }
        }
        return letters && digits
    }

    private struct Counts {
        var (shown, letters, digits, upper, signs, codeSigns, foreign) = (0, 0, 0, 0, 0, 0, 0)
        /// Letters a to z.
        var (latin, vowels, longestConsonantRun, longestRepetition) = (0, 0, 0, 0)
        /// Of letters a to z side by side.
        var (pairs, neighbourKeys) = (0, 0)
        var differentPairs: Int { seenPairs.count }
        private var seenPairs: Set<UInt32> = []

        init(_ text: String) {
            var previous: Unicode.Scalar?
            var (consonants, repetition) = (0, 0)
            for scalar in text.unicodeScalars {
                defer { previous = scalar }
                guard !scalar.properties.isWhitespace else {
                    (consonants, repetition) = (0, 0)
                    continue
                }
                shown += 1
                repetition = scalar == previous ? repetition + 1 : 1
                longestRepetition = max(longestRepetition, repetition)
                if scalar.isASCIIDigit {
                    digits += 1
                } else if scalar.isLetterOrDigit {
                    letters += 1
                    if scalar.properties.isUppercase { upper += 1 }
                } else {
                    signs += 1
                    if TextShape.codeSigns.contains(scalar) { codeSigns += 1 }
                }
                guard scalar.isASCIILetter else {
                    if scalar.value >= 0x80, scalar.isLetterOrDigit { foreign += 1 }
                    consonants = 0
                    continue
                }
                latin += 1
                let letter = scalar.value | 0x20
                if TextShape.vowels.contains(letter) {
                    vowels += 1
                    consonants = 0
                } else {
                    consonants += 1
                    longestConsonantRun = max(longestConsonantRun, consonants)
                }
                if let before = previous, before.isASCIILetter {
                    pairs += 1
                    let (one, other) = (before.value | 0x20, letter)
                    seenPairs.insert(one << 8 | other)
                    if TextShape.areNeighbours(one, other) { neighbourKeys += 1 }
                }
            }
        }
    }

    private static let codeSigns = Set("/\\=_&%{}<>[]|;#@~^*+$".unicodeScalars)
    private static let vowels = Set("aeiouy".unicodeScalars.map(\.value))

    /// Beside each other in a row of the QWERTY keyboard.
    private static func areNeighbours(_ one: UInt32, _ other: UInt32) -> Bool {
        let (first, second) = (places[Int(one) - 0x61], places[Int(other) - 0x61])
        return first.row == second.row && abs(first.column - second.column) == 1
    }

    private static let places: [(row: Int, column: Int)] = {
        var places = [(row: Int, column: Int)](repeating: (0, 0), count: 26)
        for (row, letters) in ["qwertyuiop", "asdfghjkl", "zxcvbnm"].enumerated() {
            for (column, letter) in letters.utf8.enumerated() { places[Int(letter) - 0x61] = (row, column) }
        }
        return places
    }()
}
