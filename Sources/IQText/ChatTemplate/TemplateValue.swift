// The values that a template computes with: Python's, as far as chat templates meet them. All are immutable but
// namespaces, loops and macros, which stay in the renderer and are named here by number, so that no value can hold itself.

/// A value of a template.
enum TemplateValue: Sendable {
    /// A name, attribute or item that does not exist; `name` is how the template asked for it.
    case undefined(name: String)
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(TemplateText)
    case list(TemplateList)
    case tuple(TemplateList)
    /// What Python gives as a generator: true even if empty, without length and items.
    case iterator(TemplateList)
    /// The keys, values or items of a dictionary: with a length, without items by index.
    case view(TemplateList, name: String)
    case dictionary(TemplateDictionary)
    case function(TemplateFunction)
    indirect case method(TemplateValue, String)
    case namespace(Int)
    case loop(Int)
    case macro(Int)

    static func string(_ text: some StringProtocol) -> TemplateValue { .text(TemplateText(String(text))) }

    /// Lists within lists: 0 for a plain value.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list), .iterator(let list), .view(let list, _): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .method(let receiver, _): receiver.depth + 1
        default: 0
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// Whether the value counts as true in a condition.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .boolean(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let list), .tuple(let list), .view(let list, _): !list.elements.isEmpty
        case .dictionary(let dictionary): !dictionary.entries.isEmpty
        case .loop, .iterator, .function, .method, .namespace, .macro: true
        }
    }

    /// The integer of an integer or a boolean.
    var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }

    var asNumber: Double? {
        if case .number(let value) = self { return value }
        return asInteger.map(Double.init)
    }

    var asText: TemplateText? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The kind in words, for error messages.
    var kindName: String {
        switch self {
        case .undefined(let name): "\(name), which is undefined"
        case .none: "none"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .text: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .iterator: "a generator"
        case .view(_, let name): "a \(name) view"
        case .dictionary: "a dictionary"
        case .function(let function): "the function \(function.rawValue)"
        case .method(_, let name): "the method \(name)"
        case .namespace: "a namespace"
        case .loop: "a loop"
        case .macro: "a macro"
        }
    }
}

/// Elements and how deeply they are nested.
struct TemplateList: Sendable {
    let elements: [TemplateValue]
    let depth: Int

    init(_ elements: [TemplateValue]) {
        self.elements = elements
        depth = elements.reduce(0) { max($0, $1.depth) } + 1
    }
}

/// What a dictionary can find a value by. As in Python, `1`, `1.0` and `true` are one key.
enum TemplateKey: Sendable, Hashable {
    case none
    case integer(Int)
    case number(Double)
    case text(TemplateText)

    /// Nil for a value that cannot be a key.
    init?(_ value: TemplateValue) {
        switch value {
        case .none: self = .none
        case .boolean(let value): self = .integer(value ? 1 : 0)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = Int(exactly: value).map(TemplateKey.integer) ?? .number(value)
        case .text(let text): self = .text(text)
        default: return nil
        }
    }
}

/// A dictionary in the order of insertion.
struct TemplateDictionary: Sendable {
    private(set) var entries: [(key: TemplateValue, value: TemplateValue)] = []
    private(set) var depth = 1
    private var indices: [TemplateKey: Int] = [:]

    init() {}

    /// Sets a value; a key that is there keeps its place.
    mutating func set(_ key: TemplateKey, named original: TemplateValue, to value: TemplateValue) {
        depth = max(depth, value.depth + 1)
        if let index = indices[key] {
            entries[index].value = value
        } else {
            indices[key] = entries.count
            entries.append((original, value))
        }
    }

    mutating func set(_ name: String, to value: TemplateValue) {
        let text = TemplateText(name)
        set(.text(text), named: .text(text), to: value)
    }

    subscript(key: TemplateKey) -> TemplateValue? { indices[key].map { entries[$0].value } }
}

/// The functions that every template can call.
enum TemplateFunction: String, Sendable, CaseIterable {
    case range, dict, namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}

extension TemplateValue {
    /// A variable from outside; nil if it nests deeper than templates may.
    init?(_ variable: ChatTemplateVariable, depth: Int = 0) {
        guard depth < ChatTemplateLimit.nesting.maximum else { return nil }
        switch variable {
        case .null: self = .none
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .text(TemplateText(text))
        case .array(let elements):
            var values: [TemplateValue] = []
            values.reserveCapacity(elements.count)
            for element in elements {
                guard let value = TemplateValue(element, depth: depth + 1) else { return nil }
                values.append(value)
            }
            self = .list(TemplateList(values))
        case .object(let members):
            var dictionary = TemplateDictionary()
            for member in members {
                guard let value = TemplateValue(member.value, depth: depth + 1) else { return nil }
                dictionary.set(member.key, to: value)
            }
            self = .dictionary(dictionary)
        }
    }
}
