// Which classes a code point belongs to, as the reference tokenisers see it.

/// The classes that pre-tokenisers and normalisers ask for.
///
/// The members were measured on Hugging Face's `tokenizers`, part by part, because its parts were built with different
/// versions of Unicode: two classes that sound alike need not be equal.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt16

    /// `\p{L}`.
    static let letter = CharacterClass(rawValue: 1 << 0)
    /// `\p{N}`.
    static let number = CharacterClass(rawValue: 1 << 1)
    /// `\s`.
    static let whitespace = CharacterClass(rawValue: 1 << 2)
    /// What `BertPreTokenizer` and `Punctuation` cut out.
    static let punctuation = CharacterClass(rawValue: 1 << 3)
    /// What `Digits` cuts out.
    static let digit = CharacterClass(rawValue: 1 << 4)
    /// `\w` of `Whitespace` and of added tokens that are whole words.
    static let word = CharacterClass(rawValue: 1 << 5)
    /// What `BertNormalizer` deletes when it cleans a text.
    static let bertControl = CharacterClass(rawValue: 1 << 6)
    /// What `BertNormalizer` deletes as an accent.
    static let bertAccent = CharacterClass(rawValue: 1 << 7)
    /// What `StripAccents` deletes.
    static let combining = CharacterClass(rawValue: 1 << 8)
    /// `\p{P}`.
    static let generalPunctuation = CharacterClass(rawValue: 1 << 9)
    /// `\p{S}`.
    static let symbol = CharacterClass(rawValue: 1 << 10)
    /// `\p{M}`.
    static let mark = CharacterClass(rawValue: 1 << 11)
}

/// A two-stage table of the classes of all code points.
struct CharacterClasses: Sendable {
    static let shared = CharacterClasses()

    private let pageOfBlock: [UInt16]
    private let flags: [UInt16]

    private init() {
        var ofCodePoint = [UInt16](repeating: 0, count: 0x110000)
        var reader = PackedTableReader(CharacterClassData.text)
        var position = 0
        while let length = reader.next(), let value = reader.next() {
            let end = Swift.min(position + Int(length), ofCodePoint.count)
            if value != 0 {
                for index in position..<end { ofCodePoint[index] = UInt16(truncatingIfNeeded: value) }
            }
            position = end
        }
        var pages: [[UInt16]: UInt16] = [:]
        var pageOfBlock: [UInt16] = []
        var flags: [UInt16] = []
        for block in stride(from: 0, to: ofCodePoint.count, by: 128) {
            let content = Array(ofCodePoint[block..<block + 128])
            if let known = pages[content] {
                pageOfBlock.append(known)
            } else {
                let page = UInt16(flags.count / 128)
                pages[content] = page
                pageOfBlock.append(page)
                flags += content
            }
        }
        self.pageOfBlock = pageOfBlock
        self.flags = flags
    }

    /// The classes of a code point.
    @inline(__always)
    subscript(value: UInt32) -> CharacterClass {
        CharacterClass(rawValue: flags[Int(pageOfBlock[Int(value >> 7)]) << 7 | Int(value & 127)])
    }
}

/// Reads the base-36 numbers of a generated table.
struct PackedTableReader {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// The byte behind the last number: `,` when a list goes on.
    private(set) var separator: UInt8 = 0

    init(_ text: StaticString) {
        self.text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    mutating func next() -> UInt32? {
        guard position < text.count else { return nil }
        var value: UInt32 = 0
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte >= UInt8(ascii: "a") {
                value = value &* 36 &+ UInt32(byte - UInt8(ascii: "a") + 10)
            } else if byte >= UInt8(ascii: "0") {
                value = value &* 36 &+ UInt32(byte - UInt8(ascii: "0"))
            } else {
                separator = byte
                return value
            }
        }
        separator = 0
        return value
    }

    /// A list of numbers parted by commas.
    mutating func nextList() -> [UInt32] {
        var list: [UInt32] = []
        while let value = next() {
            list.append(value)
            if separator != UInt8(ascii: ",") { break }
        }
        return list
    }
}
