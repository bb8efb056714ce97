// What can be wrong with the settings and inputs of distillation.

/// A setting or an input of distillation that cannot be.
public enum DistillationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)
    /// Teacher and student do not number the same tokens. Distillation between different tokenizers is not supported.
    case differentVocabularies(student: Int, teacher: Int, difference: String)
    /// A student cannot be cut from this teacher in this way.
    case impossibleStudent(String)
    /// There is nothing to train on.
    case noSamples
    /// A sample, counted from 0, that cannot be trained on.
    case invalidSample(index: Int, isHeldOut: Bool, SampleProblem)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        case .differentVocabularies(let student, let teacher, let difference):
            "the student has \(student) tokens and the teacher \(teacher): \(difference); both need the same vocabulary, so cut the "
                + "student from this teacher or take one of the same family"
        case .impossibleStudent(let reason): "no student can be cut: \(reason)"
        case .noSamples: "there are no samples to train on"
        case .invalidSample(let index, let isHeldOut, let problem):
            "\(isHeldOut ? "held-out " : "")sample \(index + 1): \(problem)"
        }
    }
}

/// Why a sample cannot be trained on.
public enum SampleProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A prompt has no token; the teacher's own, if it has one, or the student's.
    case emptyPrompt(isTeachers: Bool)
    /// Prompt and completion do not fit into a pass or the model's context.
    case tooLong(isTeachers: Bool, prompt: Int, completion: Int, limit: Int)
    case tokenOutOfRange(Int, vocabularySize: Int)
    /// A prompt in words needs a tokenizer, and the model has none.
    case noTokenizer
    /// Some completions are to come from the data, and this sample has none.
    case noCompletion
    /// The sample names no teacher where there are several, or one that is not there.
    case unknownTeacher(String?, known: [String])
    /// The completion makes no sequence with the prompt.
    case completion(String)

    public var description: String {
        switch self {
        case .emptyPrompt(let isTeachers): "the \(isTeachers ? "teacher's " : "")prompt is empty"
        case .tooLong(let isTeachers, let prompt, let completion, let limit):
            "the \(isTeachers ? "teacher's " : "")prompt has \(prompt) tokens and a completion up to \(completion), and \(limit) fit; "
                + "shorten the prompt, or raise tokensPerMicroBatch if the model's context is longer"
        case .tokenOutOfRange(let token, let size): "there is no token \(token) among \(size)"
        case .noTokenizer: "it is in words and the model has no tokenizer; give tokens"
        case .noCompletion: "it has no completion; give one, or let the student or the teacher write all of them"
        case .unknownTeacher(let name, let known):
            "\(name.map { "there is no teacher '\($0)'" } ?? "it names no teacher"); the teachers are \(known.joined(separator: ", "))"
        case .completion(let reason): "its completion cannot be learnt from: \(reason)"
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
