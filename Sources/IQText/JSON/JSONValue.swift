// Access to the values of a parsed JSON text.

/// One value of a ``JSONDocument``.
package struct JSONValue: Sendable {
    let document: JSONDocument
    let node: Int

    private var entry: JSONNode { document.nodes[node] }

    /// The kind in words, for error messages.
    package var kindName: String {
        switch entry.kind {
        case .null: "null"
        case .true, .false: "a boolean"
        case .number: "a number"
        case .string, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Bytes of the text before the value's first one; a string's first one is its quotation mark.
    package var byteOffset: Int {
        switch entry.kind {
        case .string, .escapedString: Int(entry.start) - 1
        default: Int(entry.start)
        }
    }

    package var isNull: Bool { entry.kind == .null }

    package var bool: Bool? {
        switch entry.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number, if it is written as an integer (without fraction or exponent) that an `Int` holds.
    package var integer: Int? {
        guard entry.kind == .number else { return nil }
        let text = document.bytes[Int(entry.start)..<Int(entry.end)]
        let isNegative = text.first == UInt8(ascii: "-")
        var value = 0
        for byte in isNegative ? text.dropFirst() : text {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int(byte &- UInt8(ascii: "0"))
            let (sum, carry) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// The number; values beyond the range of a `Double` are infinite.
    package var double: Double? {
        guard entry.kind == .number else { return nil }
        return Double(String(decoding: document.bytes[Int(entry.start)..<Int(entry.end)], as: UTF8.self))
    }

    package var string: String? { utf8.map { String(decoding: $0, as: UTF8.self) } }

    /// The bytes of a string in UTF-8, escapes resolved.
    package var utf8: [UInt8]? {
        switch entry.kind {
        case .string: Array(document.bytes[Int(entry.start)..<Int(entry.end)])
        case .escapedString: JSONParser.unescaped(document.bytes[Int(entry.start)..<Int(entry.end)])
        default: nil
        }
    }

    /// Number of elements or members; 0 for a value that is no container.
    package var count: Int {
        entry.kind == .array || entry.kind == .object ? Int(entry.end) : 0
    }

    package var isArray: Bool { entry.kind == .array }
    package var isObject: Bool { entry.kind == .object }

    /// The elements of an array.
    package var elements: JSONElements? {
        guard entry.kind == .array else { return nil }
        return JSONElements(document: document, node: node + 1, end: Int(entry.next))
    }

    /// The members of an object, in the order of the text.
    package var members: JSONMembers? {
        guard entry.kind == .object else { return nil }
        return JSONMembers(document: document, node: node + 1, end: Int(entry.next))
    }

    /// The value of a key; nil if this is no object or lacks the key.
    package subscript(key: String) -> JSONValue? {
        guard let members else { return nil }
        let wanted = Array(key.utf8)
        for member in members where member.key.isEqual(to: wanted) { return member.value }
        return nil
    }

    /// Whether this is a string of these bytes.
    package func isEqual(to other: [UInt8]) -> Bool {
        switch entry.kind {
        case .string: document.bytes[Int(entry.start)..<Int(entry.end)].elementsEqual(other)
        case .escapedString: utf8 == other
        default: false
        }
    }

    /// Hands the bytes of a string to a closure, without a copy unless it holds escapes; nil for another kind.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        switch entry.kind {
        case .string:
            document.bytes.withUnsafeBufferPointer {
                body(UnsafeBufferPointer(rebasing: $0[Int(entry.start)..<Int(entry.end)]))
            }
        case .escapedString: utf8?.withUnsafeBufferPointer(body)
        default: nil
        }
    }
}

/// The elements of a JSON array.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var node: Int
    let end: Int

    package mutating func next() -> JSONValue? {
        guard node < end else { return nil }
        defer { node = Int(document.nodes[node].next) }
        return JSONValue(document: document, node: node)
    }
}

/// The members of a JSON object.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var node: Int
    let end: Int

    package mutating func next() -> (key: JSONValue, value: JSONValue)? {
        guard node < end else { return nil }
        defer { node = Int(document.nodes[node + 1].next) }
        return (JSONValue(document: document, node: node), JSONValue(document: document, node: node + 1))
    }
}
