// Values that are handed to a chat template beside the messages: the shapes of JSON, with objects in order.

/// A value for a variable of a chat template, such as `enable_thinking` or `tools`.
///
/// Objects keep their order, because templates print them. Literals convert:
///
/// ```swift
/// let tools: ChatTemplateVariable = [["name": "search", "parameters": ["limit": 5]]]
/// ```
public indirect enum ChatTemplateVariable: Sendable, Hashable {
    /// Absence that the template sees as `none`. A variable that is not given at all is undefined instead.
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([ChatTemplateVariable])
    /// Members in order; of members with the same key, the last counts.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Hashable {
        public var key: String
        public var value: ChatTemplateVariable

        public init(_ key: String, _ value: ChatTemplateVariable) {
            self.key = key
            self.value = value
        }
    }
}

extension ChatTemplateVariable: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: ChatTemplateVariable...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, ChatTemplateVariable)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
