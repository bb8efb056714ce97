// A parsed JSON text (RFC 8259): the bytes, and a flat list of where each value stands in them.
//
// The vocabulary of a tokenizer is an object of 50,000 to 260,000 members. Building a string and a box for each would take
// most of the loading time, so values stay byte ranges until they are asked for.

/// A JSON text that has been checked from end to end.
package struct JSONDocument: Sendable {
    /// The text without a byte-order mark.
    let bytes: [UInt8]
    /// All values in the order of the text; a container stands before its members, a key before its value.
    let nodes: [JSONNode]

    /// Checks and indexes a text.
    ///
    /// - Parameters:
    ///   - maximumDepth: containers within containers that are accepted.
    /// - Throws: ``JSONError`` for anything that is not strict JSON, and for a key that stands twice in one object.
    package init(_ bytes: [UInt8], maximumDepth: Int = 128) throws(JSONError) {
        guard bytes.count < Int(UInt32.max) else {
            throw JSONError(.tooLong(limit: Int(UInt32.max) - 1), byteOffset: 0)
        }
        self.bytes = bytes
        var parser = JSONParser(count: bytes.count, maximumDepth: maximumDepth)
        // The closure cannot carry a typed error through the standard library's rethrowing function on every
        // toolchain, so the failure travels as a value.
        let failure: JSONError? = bytes.withUnsafeBufferPointer { text in
            do throws(JSONError) {
                try parser.parse(text)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        nodes = parser.nodes
    }

    /// The outermost value.
    package var root: JSONValue { JSONValue(document: self, node: 0) }
}

/// Where one value stands.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable {
        case null, `true`, `false`, number, string, escapedString, array, object
    }

    var kind: Kind
    /// First byte: of a string, the one behind its quote.
    var start: UInt32
    /// Behind the last byte; of a container, the number of its elements or members.
    var end: UInt32
    /// Index of the node behind this value and all it holds.
    var next: UInt32
}
