// What a student is taught on.

public import IQModel

/// A prompt for the student, and what the teacher is told about it.
public struct DistillationSample: Sendable, Equatable {
    public var prompt: GenerationPrompt
    /// What the teacher reads in place of the student's prompt, such as the same request with more instructions or more of the
    /// person's history; nil for the same prompt.
    public var teacherPrompt: GenerationPrompt?
    /// A completion of the data, for steps that do not let the student write; see ``DistillationOptions/onPolicyShare``.
    public var completion: String?
    /// The name of the teacher who judges; nil where there is only one.
    public var teacher: String?

    public init(
        _ prompt: GenerationPrompt,
        teacherPrompt: GenerationPrompt? = nil,
        completion: String? = nil,
        teacher: String? = nil
    ) {
        self.prompt = prompt
        self.teacherPrompt = teacherPrompt
        self.completion = completion
        self.teacher = teacher
    }
}
