// The strict JSON scanner behind JSONDocument: one pass, an explicit stack, no recursion.

struct JSONParser {
    private(set) var nodes: [JSONNode] = []
    private let maximumDepth: Int
    /// Open containers: index of the node, and for an object the node of its first key.
    private var open: [Int] = []
    private var position = 0

    init(count: Int, maximumDepth: Int) {
        self.maximumDepth = maximumDepth
        nodes.reserveCapacity(Swift.min(count / 6 + 1, 1 << 20))
    }

    private enum Expectation {
        case value, firstElement, firstKey, key, afterValue
    }

    mutating func parse(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { position = 3 }
        var expectation = Expectation.value
        while true {
            while position < text.count, Self.isSpace(text[position]) { position += 1 }
            if expectation == .afterValue {
                if open.isEmpty { break }
                expectation = try closeOrContinue(text)
                continue
            }
            guard position < text.count else { throw JSONError(.unexpectedEnd, byteOffset: position) }
            let byte = text[position]
            switch expectation {
            case .firstKey where byte == UInt8(ascii: "}"), .firstElement where byte == UInt8(ascii: "]"):
                position += 1
                try close(text)
                expectation = .afterValue
            case .firstKey, .key:
                guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(byte), byteOffset: position) }
                try string(text)
                while position < text.count, Self.isSpace(text[position]) { position += 1 }
                guard position < text.count else { throw JSONError(.unexpectedEnd, byteOffset: position) }
                guard text[position] == UInt8(ascii: ":") else {
                    throw JSONError(.unexpectedByte(text[position]), byteOffset: position)
                }
                position += 1
                expectation = .value
            default:
                expectation = try value(text)
            }
        }
        guard position == text.count else { throw JSONError(.trailingBytes, byteOffset: position) }
    }

    private mutating func closeOrContinue(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Expectation {
        guard position < text.count else { throw JSONError(.unexpectedEnd, byteOffset: position) }
        let container = open[open.count - 1]
        nodes[container].end += 1
        let isObject = nodes[container].kind == .object
        let byte = text[position]
        if byte == UInt8(ascii: ",") {
            position += 1
            return isObject ? .key : .value
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            throw JSONError(.unexpectedByte(byte), byteOffset: position)
        }
        position += 1
        try close(text)
        return .afterValue
    }

    private mutating func close(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        let container = open.removeLast()
        nodes[container].next = UInt32(nodes.count)
        if nodes[container].kind == .object { try rejectDuplicateKeys(of: container, in: text) }
    }

    private mutating func value(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Expectation {
        let byte = text[position]
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard open.count < maximumDepth else {
                throw JSONError(.tooDeep(limit: maximumDepth), byteOffset: position)
            }
            open.append(nodes.count)
            let isObject = byte == UInt8(ascii: "{")
            nodes.append(JSONNode(kind: isObject ? .object : .array, start: UInt32(position), end: 0, next: 0))
            position += 1
            return isObject ? .firstKey : .firstElement
        case UInt8(ascii: "\""): try string(text)
        case UInt8(ascii: "t"): try word("true", .true, text)
        case UInt8(ascii: "f"): try word("false", .false, text)
        case UInt8(ascii: "n"): try word("null", .null, text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
        default: throw JSONError(.unexpectedByte(byte), byteOffset: position)
        }
        return .afterValue
    }

    private mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) {
        nodes.append(
            JSONNode(kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1))
        )
    }

    private mutating func word(
        _ word: StaticString,
        _ kind: JSONNode.Kind,
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(JSONError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < text.count else { throw JSONError(.unexpectedEnd, byteOffset: position) }
            guard text[position] == word.utf8Start[index] else {
                throw JSONError(.unexpectedByte(text[position]), byteOffset: position)
            }
            position += 1
        }
        append(kind, from: start, to: position)
    }

    private mutating func number(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        guard digits(text) > 0 else { throw JSONError(.invalidNumber, byteOffset: start) }
        if text[integerStart] == UInt8(ascii: "0"), position - integerStart > 1 {
            throw JSONError(.invalidNumber, byteOffset: start)
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            guard digits(text) > 0 else { throw JSONError(.invalidNumber, byteOffset: start) }
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits(text) > 0 else { throw JSONError(.invalidNumber, byteOffset: start) }
        }
        append(.number, from: start, to: position)
    }

    private mutating func digits(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        let start = position
        while position < text.count, text[position] >= UInt8(ascii: "0"), text[position] <= UInt8(ascii: "9") {
            position += 1
        }
        return position - start
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            guard position < text.count else { throw JSONError(.unexpectedEnd, byteOffset: position) }
            let byte = text[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape(text)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter(byte), byteOffset: position)
            } else if byte < 0x80 {
                position += 1
            } else {
                let length = UTF8Scalars.validLength(text, at: position)
                guard length > 0 else { throw JSONError(.invalidUTF8, byteOffset: position) }
                position += length
            }
        }
        append(hasEscapes ? .escapedString : .string, from: start, to: position)
        position += 1
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        let start = position
        guard start + 1 < text.count else { throw JSONError(.unexpectedEnd, byteOffset: text.count) }
        switch text[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard let first = Self.hexadecimal(text, at: start + 2) else {
                throw JSONError(.invalidEscape, byteOffset: start)
            }
            position += 6
            guard first >= 0xD800, first < 0xE000 else { return }
            guard first < 0xDC00, start + 7 < text.count, text[start + 6] == UInt8(ascii: "\\"),
                text[start + 7] == UInt8(ascii: "u"), let second = Self.hexadecimal(text, at: start + 8),
                second >= 0xDC00, second < 0xE000
            else { throw JSONError(.loneSurrogate, byteOffset: start) }
            position += 6
        default: throw JSONError(.invalidEscape, byteOffset: start)
        }
    }

    private static func hexadecimal<Bytes: RandomAccessCollection<UInt8>>(
        _ text: Bytes,
        at start: Int
    ) -> UInt32? where Bytes.Index == Int {
        guard start + 4 <= text.endIndex else { return nil }
        var value: UInt32 = 0
        for index in start..<start + 4 {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// The bytes of a checked string with its escapes resolved.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                index += 1
                continue
            }
            index += 2
            switch text[index - 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var value = hexadecimal(text, at: index) ?? 0xFFFD
                index += 4
                if value >= 0xD800, value < 0xDC00 {
                    let low = hexadecimal(text, at: index + 2) ?? 0xDC00
                    value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                UTF8Scalars.append(value, to: &result)
            default: result.append(text[index - 1])
            }
        }
        return result
    }
}

// MARK: - Keys

extension JSONParser {
    /// Two members of one name mean that readers may disagree on the file, so it is refused.
    private func rejectDuplicateKeys(
        of container: Int,
        in text: UnsafeBufferPointer<UInt8>
    ) throws(JSONError) {
        let count = Int(nodes[container].end)
        guard count > 1 else { return }
        var capacity = 4
        while capacity < count * 2 { capacity *= 2 }
        var slots = [Int32](repeating: -1, count: capacity)
        var key = container + 1
        for _ in 0..<count {
            let decoded = nodes[key].kind == .escapedString ? bytes(of: key, in: text) : nil
            let hash = decoded?.withUnsafeBufferPointer(ByteHash.hash) ?? ByteHash.hash(raw(key, in: text))
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot] >= 0 {
                let other = Int(slots[slot])
                if isEqual(key, other, in: text) {
                    throw JSONError(
                        .duplicateKey(String(decoding: bytes(of: key, in: text), as: UTF8.self)),
                        byteOffset: Int(nodes[key].start)
                    )
                }
                slot = (slot + 1) & (capacity - 1)
            }
            slots[slot] = Int32(key)
            key = Int(nodes[key + 1].next)
        }
    }

    private func raw(_ node: Int, in text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[Int(nodes[node].start)..<Int(nodes[node].end)])
    }

    private func bytes(of node: Int, in text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        nodes[node].kind == .escapedString
            ? Self.unescaped(ArraySlice(raw(node, in: text))) : Array(raw(node, in: text))
    }

    private func isEqual(_ first: Int, _ second: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        if nodes[first].kind == .string, nodes[second].kind == .string {
            return raw(first, in: text).elementsEqual(raw(second, in: text))
        }
        return bytes(of: first, in: text) == bytes(of: second, in: text)
    }
}
