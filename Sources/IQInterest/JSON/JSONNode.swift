// JSON values that remember where they stood, so that an error can name line, column and field.

/// One JSON value (RFC 8259) and the place of its first byte.
struct JSONNode: Equatable {
    enum Value: Equatable {
        case null
        case bool(Bool)
        case number(Double)
        case string(String)
        case array([JSONNode])
        /// Members in their order; names are unique.
        case object([JSONMember])
    }

    let value: Value
    /// Bytes before the value.
    let offset: Int

    /// The JSON name of the value's type, with its article.
    var typeName: String {
        switch value {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The member of that name, where this is an object that has it.
    func member(_ name: String) -> JSONNode? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.name == name }?.node
    }
}

/// One member of a JSON object.
struct JSONMember: Equatable {
    let name: String
    let node: JSONNode
}

/// Text that is not JSON.
struct JSONSyntaxError: Error, Equatable {
    /// Bytes before the place.
    let offset: Int
    /// What was found or missed there, as a sentence's rest: "a comma or } was expected".
    let problem: String
}
