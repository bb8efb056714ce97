// Attributes, items and slices. `value.name` asks for a method first and for a key second, `value["name"]` the other way
// round, as Jinja's sandbox does; methods that would change a value, and names that open with "_", do not exist in it.

extension TemplateRenderer {
    func attribute(_ name: String, of value: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        if case .undefined(let owner) = value {
            throw .undefinedValue(line: line, name: owner, operation: "the attribute '\(name)'")
        }
        return method(name, of: value) ?? member(name, of: value) ?? .undefined(name: name)
    }

    func item(_ index: TemplateValue, of value: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        let fallback = TemplateValue.undefined(name: try text(of: index).string)
        switch value {
        case .undefined(let owner):
            throw .undefinedValue(line: line, name: owner, operation: "an item")
        case .list(let list), .tuple(let list):
            if let position = index.asInteger { return element(position, of: list.elements) ?? fallback }
        case .text(let text):
            if let position = index.asInteger {
                try spend(text.byteCount)
                let scalars = text.scalars
                let place = position < 0 ? position + scalars.count : position
                guard scalars.indices.contains(place) else { return fallback }
                return .text(TemplateText(String(scalars[place])))
            }
        case .dictionary(let dictionary):
            if let key = TemplateKey(index), let found = dictionary[key] { return found }
        default:
            break
        }
        guard case .text(let name) = index else { return fallback }
        if case .dictionary = value { return method(name.string, of: value) ?? fallback }
        return method(name.string, of: value) ?? member(name.string, of: value) ?? fallback
    }

    private func element(_ position: Int, of elements: [TemplateValue]) -> TemplateValue? {
        let place = position < 0 ? position + elements.count : position
        return elements.indices.contains(place) ? elements[place] : nil
    }

    private func method(_ name: String, of value: TemplateValue) -> TemplateValue? {
        let names: Set<String>
        switch value {
        case .text: names = Self.textMethods
        case .dictionary: names = Self.dictionaryMethods
        case .list, .tuple: names = Self.listMethods
        case .loop: names = ["cycle", "changed"]
        default: return nil
        }
        guard names.contains(name) else { return nil }
        return .method(value, name)
    }

    private func member(_ name: String, of value: TemplateValue) -> TemplateValue? {
        switch value {
        case .dictionary(let dictionary):
            // The methods that change a dictionary hide its keys, and are out of reach themselves.
            Self.mutatingDictionaryMethods.contains(name) || name.utf8.starts(with: "__".utf8)
                ? nil : dictionary[.text(TemplateText(name))]
        case .namespace(let number):
            namespaces[number][.text(TemplateText(name))]
        case .loop(let number):
            loops[number].flatMap { attribute(name, of: $0) }
        case .macro(let number):
            name == "name" ? .string(macros[number].definition.name) : nil
        default:
            nil
        }
    }

    private static let mutatingDictionaryMethods: Set<String> = [
        "clear", "fromkeys", "pop", "popitem", "setdefault", "update",
    ]

    private func attribute(_ name: String, of loop: TemplateLoopState) -> TemplateValue? {
        let count = loop.items.count
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(count - loop.index)
        case "revindex0": return .integer(count - loop.index - 1)
        case "first": return .boolean(loop.index == 0)
        case "last": return .boolean(loop.index == count - 1)
        case "length": return .integer(count)
        // Counted from recursive loops only, which are refused.
        case "depth": return .integer(1)
        case "depth0": return .integer(0)
        case "previtem": return loop.index > 0 ? loop.items[loop.index - 1] : .undefined(name: "loop.previtem")
        case "nextitem": return loop.index + 1 < count ? loop.items[loop.index + 1] : .undefined(name: "loop.nextitem")
        default: return nil
        }
    }

    // MARK: Slices

    func slice(
        _ value: TemplateValue,
        lower: Int?,
        upper: Int?,
        step: Int?
    ) throws(ChatTemplateError) -> TemplateValue {
        if step == 0 { throw failure("a slice", "its step is 0") }
        switch value {
        case .list(let list):
            return .list(try makeList(Self.slice(list.elements, lower, upper, step ?? 1)))
        case .tuple(let list):
            return .tuple(try makeList(Self.slice(list.elements, lower, upper, step ?? 1)))
        case .text(let text):
            try spend(text.byteCount)
            return .text(TemplateText(Self.slice(text.scalars, lower, upper, step ?? 1)))
        case .undefined:
            throw failure("a slice", value, expected: "a list or string")
        default:
            return .undefined(name: "a slice of \(value.kindName)")
        }
    }

    /// Python's slice: bounds count from the end if negative and stop at the ends.
    private static func slice<Element>(_ elements: [Element], _ lower: Int?, _ upper: Int?, _ step: Int) -> [Element] {
        let count = elements.count
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func clamped(_ bound: Int?, default standard: Int) -> Int {
            guard let bound else { return standard }
            return min(max(bound < 0 ? bound + count : bound, lowest), highest)
        }
        let start = clamped(lower, default: step > 0 ? lowest : highest)
        let end = clamped(upper, default: step > 0 ? highest : lowest)
        // Steps beyond the count take the first element only.
        let stride = Swift.stride(from: start, to: end, by: min(max(step, -count - 1), count + 1))
        return stride.map { elements[$0] }
    }
}
