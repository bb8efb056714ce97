// Functions and methods that templates can call.

extension TemplateRenderer {
    /// The values of parameters in order, nil for those that are not given.
    func bind(
        _ arguments: TemplateArguments,
        _ parameters: [String],
        required: Int = 0,
        of callee: String
    ) throws(ChatTemplateError) -> [TemplateValue?] {
        guard arguments.positional.count <= parameters.count else {
            throw failure(callee, "it takes \(parameters.count) arguments and got \(arguments.positional.count)")
        }
        var values: [TemplateValue?] = arguments.positional
        values += Array(repeating: nil, count: parameters.count - values.count)
        for (name, value) in arguments.named {
            guard let index = parameters.firstIndex(of: name), values[index] == nil else {
                throw failure(callee, "it has no parameter '\(name)', or has it twice")
            }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw failure(callee, "its argument '\(parameters[index])' is missing")
        }
        return values
    }

    func requireText(_ value: TemplateValue?, _ callee: String) throws(ChatTemplateError) -> TemplateText {
        guard let value else { throw failure(callee, "an argument is missing") }
        guard case .text(let text) = value else { throw failure(callee, value, expected: "a string") }
        return text
    }

    func requireInteger(_ value: TemplateValue?, _ callee: String) throws(ChatTemplateError) -> Int {
        guard let value else { throw failure(callee, "an argument is missing") }
        guard let integer = value.asInteger else { throw failure(callee, value, expected: "an integer") }
        return integer
    }

    /// A text argument, nil if it is missing or none.
    func optionalText(_ value: TemplateValue?, _ callee: String) throws(ChatTemplateError) -> TemplateText? {
        guard let value else { return nil }
        if case .none = value { return nil }
        return try requireText(value, callee)
    }

    // MARK: Functions

    /// The longest range that Jinja's sandbox permits.
    private static let longestRange = 100_000

    func call(
        _ function: TemplateFunction,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        let name = function.rawValue
        switch function {
        case .range:
            let values = try bind(arguments, ["start", "stop", "step"], required: 1, of: name)
            let first = try requireInteger(values[0], name)
            let start = values[1] == nil ? 0 : first
            let stop = values[1] == nil ? first : try requireInteger(values[1], name)
            let step = values[2] == nil ? 1 : try requireInteger(values[2], name)
            guard step != 0 else { throw failure(name, "its step is 0") }
            var elements: [TemplateValue] = []
            for element in stride(from: start, to: stop, by: step) {
                elements.append(.integer(element))
                guard elements.count <= Self.longestRange else {
                    throw failure(name, "it has more than \(Self.longestRange) elements")
                }
            }
            return .list(try makeList(elements))
        case .dict:
            return try makeDictionary(try members(arguments, of: name))
        case .namespace:
            let members = try members(arguments, of: name)
            namespaces.append(TemplateDictionary())
            for (key, value) in members.entries {
                try set(try requireText(key, name).string, of: namespaces.count - 1, to: value)
            }
            return .namespace(namespaces.count - 1)
        case .raiseException:
            let values = try bind(arguments, ["message"], required: 1, of: name)
            throw .raised(line: line, message: try text(of: values[0] ?? .none).string)
        case .strftimeNow:
            let values = try bind(arguments, ["format"], required: 1, of: name)
            let (text, unknown) = date.formatted(try requireText(values[0], name).string)
            guard let text else { throw .unsupported(line: line, construct: "'\(unknown)' in a date") }
            return .string(text)
        }
    }

    /// The members of `dict(...)`: those of a dictionary or of a list of pairs, and then those given by name.
    private func members(
        _ arguments: TemplateArguments,
        of callee: String
    ) throws(ChatTemplateError) -> TemplateDictionary {
        var result = TemplateDictionary()
        guard arguments.positional.count <= 1 else { throw failure(callee, "it takes one argument without a name") }
        if case .dictionary(let dictionary)? = arguments.positional.first {
            result = dictionary
        } else if let pairs = arguments.positional.first {
            for pair in try elements(of: pairs, operation: callee) {
                let parts = try elements(of: pair, operation: callee)
                guard parts.count == 2 else { throw failure(callee, "an element is not a pair") }
                result.set(try key(parts[0]), named: parts[0], to: parts[1])
            }
        }
        for (name, value) in arguments.named { result.set(name, to: value) }
        return result
    }

    // MARK: Methods

    static let dictionaryMethods: Set<String> = ["copy", "get", "items", "keys", "values"]
    static let listMethods: Set<String> = ["copy", "count", "index"]

    func call(
        _ name: String,
        of receiver: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        switch receiver {
        case .text(let text): return try call(name, of: text, arguments)
        case .dictionary(let dictionary): return try call(name, of: dictionary, arguments)
        case .list(let list), .tuple(let list):
            if name == "copy" { return receiver }
            let value = try bind(arguments, ["value"], required: 1, of: name)[0] ?? .none
            var count = 0
            for (index, element) in list.elements.enumerated() where try isEqual(element, value) {
                if name == "index" { return .integer(index) }
                count += 1
            }
            guard name == "count" else { throw failure(name, "the value is not in the list") }
            return .integer(count)
        case .loop(let number):
            guard let state = loops[number] else { throw failure("loop.\(name)", "the loop has ended") }
            if name == "changed" {
                let last = state.last
                loops[number]?.last = arguments.positional
                guard let last, last.count == arguments.positional.count else { return .boolean(true) }
                for (old, new) in zip(last, arguments.positional) where !(try isEqual(old, new)) {
                    return .boolean(true)
                }
                return .boolean(false)
            }
            guard !arguments.positional.isEmpty else { throw failure("loop.cycle", "it has nothing to cycle through") }
            return arguments.positional[state.index % arguments.positional.count]
        default:
            throw failure(name, "\(receiver.kindName) has no methods")
        }
    }

    private func call(
        _ name: String,
        of dictionary: TemplateDictionary,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        if name == "get" {
            let values = try bind(arguments, ["key", "default"], required: 1, of: name)
            let wanted = values[0] ?? .none
            return (wanted.isUndefined ? nil : dictionary[try key(wanted)]) ?? values[1] ?? .none
        }
        _ = try bind(arguments, [], of: name)
        switch name {
        case "copy": return .dictionary(dictionary)
        case "keys": return .view(try makeList(dictionary.entries.map(\.key)), name: name)
        case "values": return .view(try makeList(dictionary.entries.map(\.value)), name: name)
        default: return .view(try pairs(of: dictionary), name: name)
        }
    }

    /// The members of a dictionary as tuples of two.
    func pairs(of dictionary: TemplateDictionary) throws(ChatTemplateError) -> TemplateList {
        try makeList(dictionary.entries.map { .tuple(TemplateList([$0.key, $0.value])) })
    }
}
