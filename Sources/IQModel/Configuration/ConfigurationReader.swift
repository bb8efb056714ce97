// Typed access to the keys of a config.json; every error names the key and the value.

internal import IQText

/// The members of a JSON object that describes a model, or part of one.
struct ConfigurationReader {
    private let values: [String: JSONValue]
    private let nulls: Set<String>
    /// Put before keys in errors: `text_config.` for a nested object.
    private let prefix: String

    init(json bytes: [UInt8]) throws(ConfigurationFault) {
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            throw .notJSON(offset: error.byteOffset, reason: error.explanation)
        }
        guard document.root.isObject else {
            throw .notJSON(offset: 0, reason: "it is \(document.root.kindName) and not an object")
        }
        self.init(document.root, prefix: "")
    }

    private init(_ object: JSONValue, prefix: String) {
        var values: [String: JSONValue] = [:]
        var nulls: Set<String> = []
        if let members = object.members {
            for (key, value) in members {
                let key = key.string ?? ""
                if value.isNull { nulls.insert(key) } else { values[key] = value }
            }
        }
        self.values = values
        self.nulls = nulls
        self.prefix = prefix
    }

    /// The key as errors give it.
    func path(_ key: String) -> String { prefix + key }

    /// True if the key has a value other than null.
    func has(_ key: String) -> Bool { values[key] != nil }

    /// The value of a key; nil where it is absent or null.
    func value(_ key: String) -> JSONValue? { values[key] }

    /// True if the key is there and null. Elsewhere null counts as absent.
    func isNull(_ key: String) -> Bool { nulls.contains(key) }

    var keys: [String] { values.keys.sorted() }

    func object(_ key: String) throws(ConfigurationFault) -> ConfigurationReader? {
        guard let value = values[key] else { return nil }
        guard value.isObject else { throw wrongType(key, "an object", value) }
        return ConfigurationReader(value, prefix: path(key) + ".")
    }

    func text(_ key: String) throws(ConfigurationFault) -> String? {
        guard let value = values[key] else { return nil }
        guard let text = value.string else { throw wrongType(key, "a string", value) }
        return text
    }

    func texts(_ key: String) throws(ConfigurationFault) -> [String]? {
        guard let value = values[key] else { return nil }
        guard let elements = value.elements else { throw wrongType(key, "an array of strings", value) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw wrongType(key, "an array of strings", element) }
            texts.append(text)
        }
        return texts
    }

    func bool(_ key: String) throws(ConfigurationFault) -> Bool? {
        guard let value = values[key] else { return nil }
        guard let bool = value.bool else { throw wrongType(key, "a boolean", value) }
        return bool
    }

    func integer(_ key: String) throws(ConfigurationFault) -> Int? {
        guard let value = values[key] else { return nil }
        guard let integer = value.integer else { throw wrongType(key, "an integer", value) }
        return integer
    }

    /// A size: 1 to the largest 32-bit integer.
    func optionalDimension(_ key: String) throws(ConfigurationFault) -> Int? {
        guard let value = try integer(key) else { return nil }
        return try checkedDimension(value, path(key))
    }

    func dimension(_ key: String, default standard: Int? = nil) throws(ConfigurationFault) -> Int {
        if let value = try optionalDimension(key) { return value }
        guard let standard else { throw .missing(key: path(key)) }
        return standard
    }

    /// A number that is finite and above zero as a Float.
    func positive(_ key: String) throws(ConfigurationFault) -> Float? {
        guard let value = values[key] else { return nil }
        guard let number = value.double else { throw wrongType(key, "a number", value) }
        let float = Float(number)
        guard float.isFinite, float > 0 else {
            throw .invalid(key: path(key), value: "\(number)", expected: "a finite number above 0")
        }
        return float
    }

    func number(_ key: String) throws(ConfigurationFault) -> Double? {
        guard let value = values[key] else { return nil }
        guard let number = value.double else { throw wrongType(key, "a number", value) }
        return number
    }

    private func wrongType(_ key: String, _ expected: String, _ found: JSONValue) -> ConfigurationFault {
        .wrongType(key: path(key), expected: expected, found: found.kindName)
    }
}
