// What can be wrong with the settings and inputs of distillation.

/// A setting or an input of distillation that cannot be.
public enum DistillationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)
    /// Teacher and student do not number the same tokens. Distillation between different tokenizers is not supported.
    case differentVocabularies(student: Int, teacher: Int, difference: String)
    /// A student cannot be cut from this teacher in this way.
    case impossibleStudent(String)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        case .differentVocabularies(let student, let teacher, let difference):
            "the student has \(student) tokens and the teacher \(teacher): \(difference); both need the same vocabulary, so cut the "
                + "student from this teacher or take one of the same family"
        case .impossibleStudent(let reason): "no student can be cut: \(reason)"
        }
    }
}

extension DistillationError {
    static func require(
        _ condition: Bool,
        _ name: String,
        _ value: some CustomStringConvertible,
        _ permitted: String
    ) throws(DistillationError) {
        if !condition { throw .invalidOption(name: name, value: value.description, permitted: permitted) }
    }
}
