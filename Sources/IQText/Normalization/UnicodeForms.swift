// The four Unicode normalisation forms (Unicode Standard Annex 15) over own tables: the standard library offers none, and
// the same text must give the same tokens on every system.

/// Decompositions, compositions and combining classes.
struct UnicodeForms: Sendable {
    static let shared = UnicodeForms()

    private let canonical: [UInt32: [UInt32]]
    private let compatibility: [UInt32: [UInt32]]
    private let composites: [UInt64: UInt32]
    private let combiningClasses: [UInt32: UInt8]

    private init() {
        func decompositions(_ text: StaticString) -> [UInt32: [UInt32]] {
            var reader = PackedTableReader(text)
            var table: [UInt32: [UInt32]] = [:]
            var value: UInt32 = 0
            while let step = reader.next() {
                value += step
                table[value] = reader.nextList()
            }
            return table
        }
        canonical = decompositions(CanonicalDecompositionData.text)
        compatibility = decompositions(CompatibilityDecompositionData.text)
        var reader = PackedTableReader(CompositionData.text)
        var composites: [UInt64: UInt32] = [:]
        while let first = reader.next(), let second = reader.next(), let composite = reader.next() {
            composites[UInt64(first) << 32 | UInt64(second)] = composite
        }
        self.composites = composites
        reader = PackedTableReader(CombiningClassData.text)
        var classes: [UInt32: UInt8] = [:]
        var start: UInt32 = 0
        while let step = reader.next(), let length = reader.next(), let value = reader.next() {
            start += step
            for character in start..<start + length { classes[character] = UInt8(truncatingIfNeeded: value) }
        }
        combiningClasses = classes
    }

    /// The canonical combining class; 0 for a base character.
    private func combiningClass(_ value: UInt32) -> UInt8 {
        value < 0x300 ? 0 : combiningClasses[value] ?? 0
    }

    // Hangul syllables are computed (Unicode Standard, section 3.12).
    private static let firstSyllable: UInt32 = 0xAC00
    private static let firstLeading: UInt32 = 0x1100
    private static let firstVowel: UInt32 = 0x1161
    private static let beforeTrailing: UInt32 = 0x11A7
    private static let leadingCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let trailingCount: UInt32 = 28
    private static let syllableCount: UInt32 = 11_172

    /// NFD, or NFKD if `isCompatible`.
    func decomposed(_ text: [UInt32], isCompatible: Bool) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count + text.count / 8)
        var unsorted = false
        for value in text {
            if value < 0xA0 {
                result.append(value)
                continue
            }
            if value &- Self.firstSyllable < Self.syllableCount {
                let index = value - Self.firstSyllable
                result.append(Self.firstLeading + index / (Self.vowelCount * Self.trailingCount))
                result.append(
                    Self.firstVowel + index % (Self.vowelCount * Self.trailingCount) / Self.trailingCount
                )
                let trailing = index % Self.trailingCount
                if trailing > 0 { result.append(Self.beforeTrailing + trailing) }
                continue
            }
            if isCompatible, let parts = compatibility[value] ?? canonical[value] {
                result.append(contentsOf: parts)
                unsorted = true
            } else if !isCompatible, let parts = canonical[value] {
                result.append(contentsOf: parts)
                unsorted = true
            } else {
                result.append(value)
                unsorted = unsorted || value >= 0x300
            }
        }
        if unsorted { sortMarks(&result) }
        return result
    }

    /// Puts each run of combining marks into the order of their classes, equal ones as they stand.
    private func sortMarks(_ text: inout [UInt32]) {
        var index = 0
        while index < text.count {
            guard combiningClass(text[index]) != 0 else {
                index += 1
                continue
            }
            var end = index
            var isSorted = true
            var last: UInt8 = 0
            while end < text.count {
                let value = combiningClass(text[end])
                if value == 0 { break }
                isSorted = isSorted && value >= last
                last = value
                end += 1
            }
            if !isSorted { sort(&text, index..<end) }
            index = end
        }
    }

    /// A stable sort by class: by insertion where there are few marks, as in real text, else by counting.
    private func sort(_ text: inout [UInt32], _ range: Range<Int>) {
        if range.count > 32 {
            var byClass = [[UInt32]](repeating: [], count: 256)
            for mark in text[range] { byClass[Int(combiningClass(mark))].append(mark) }
            text.replaceSubrange(range, with: byClass.joined())
            return
        }
        for index in range.dropFirst() {
            let mark = text[index]
            let markClass = combiningClass(mark)
            var place = index
            while place > range.lowerBound, combiningClass(text[place - 1]) > markClass {
                text[place] = text[place - 1]
                place -= 1
            }
            text[place] = mark
        }
    }

    /// Composes a decomposed text: NFC after NFD, NFKC after NFKD.
    func composed(_ text: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        var starter = -1
        var lastClass: UInt8 = 0
        for value in text {
            let valueClass = combiningClass(value)
            if starter >= 0 {
                let isAdjacent = starter == result.count - 1
                // A mark is blocked from its starter by one of the same or a higher class between them.
                if isAdjacent || lastClass < valueClass && lastClass != 0,
                    let composite = composite(result[starter], value)
                {
                    result[starter] = composite
                    continue
                }
            }
            if valueClass == 0 { starter = result.count }
            lastClass = valueClass
            result.append(value)
        }
        return result
    }

    private func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- Self.firstLeading < Self.leadingCount, second &- Self.firstVowel < Self.vowelCount {
            let pair = (first - Self.firstLeading) * Self.vowelCount + second - Self.firstVowel
            return Self.firstSyllable + pair * Self.trailingCount
        }
        if first &- Self.firstSyllable < Self.syllableCount,
            (first - Self.firstSyllable) % Self.trailingCount == 0,
            second > Self.beforeTrailing, second < Self.beforeTrailing + Self.trailingCount
        {
            return first + second - Self.beforeTrailing
        }
        return composites[UInt64(first) << 32 | UInt64(second)]
    }
}

/// Text as code points and back.
enum CodePoints {
    static func decode(_ text: [UInt8]) -> [UInt32] {
        var values: [UInt32] = []
        values.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                let (value, length) = UTF8Scalars.decode(bytes, at: position)
                values.append(value)
                position += length
            }
        }
        return values
    }

    static func encode(_ values: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count + values.count / 2)
        for value in values { UTF8Scalars.append(value, to: &bytes) }
        return bytes
    }
}
