// Completions as student and teacher read them: the same tokens behind prompts that may differ.

internal import IQModel
package import IQText

/// Completions of one prompt, whoever wrote them.
package struct DistillationGroup: Sendable {
    /// The place of the teacher who judges.
    package var teacher: Int
    package var prompt: [TokenID]
    /// What the teacher reads in place of the prompt; nil for the same.
    package var teacherPrompt: [TokenID]?
    package var completions: [[TokenID]]

    package init(teacher: Int = 0, prompt: [TokenID], teacherPrompt: [TokenID]? = nil, completions: [[TokenID]]) {
        self.teacher = teacher
        self.prompt = prompt
        self.teacherPrompt = teacherPrompt
        self.completions = completions
    }

    package var tokens: Int { completions.reduce(0) { $0 + $1.count } }

    var longestPrompt: Int { max(prompt.count, teacherPrompt?.count ?? 0) }
}

/// One pass of the student and one of a teacher.
struct DistillationBatch: Sendable {
    let teacher: Int
    private(set) var student = PackedBatch()
    /// The teacher's reading where a prompt of its own is in it.
    private(set) var own: PackedBatch?
    /// The completions' tokens and the student's rows that predict them.
    private(set) var targets = TokenTargets()
    /// The same tokens and the teacher's rows.
    private(set) var teacherTargets = TokenTargets()

    var teacherBatch: PackedBatch { own ?? student }

    private init(_ groups: some Sequence<(group: DistillationGroup, completions: ArraySlice<[TokenID]>)>, teacher: Int)
    {
        self.teacher = teacher
        let groups = Array(groups)
        for (group, completions) in groups {
            Self.append(group.prompt, completions, to: &student, &targets)
        }
        guard groups.contains(where: { $0.group.teacherPrompt != nil }) else {
            teacherTargets = targets
            return
        }
        var own = PackedBatch()
        for (group, completions) in groups {
            Self.append(group.teacherPrompt ?? group.prompt, completions, to: &own, &teacherTargets)
        }
        self.own = own
    }

    private static func append(
        _ prompt: [TokenID],
        _ completions: ArraySlice<[TokenID]>,
        to batch: inout PackedBatch,
        _ targets: inout TokenTargets
    ) {
        let parent = batch.append(prompt)
        let lastOfPrompt = batch.rows - 1
        for tokens in completions {
            // The last token predicts nothing that is judged, so it needs no row.
            let start = batch.rows
            if tokens.count > 1 { batch.append(tokens.dropLast(), continuing: parent) }
            for (place, token) in tokens.enumerated() {
                targets.append(row: place == 0 ? lastOfPrompt : start + place - 1, token: token)
            }
        }
    }

    /// Rows of both streams, each pair once, and how many targets it stands for: all completions of a prompt begin at its
    /// last row, and what is asked of the whole distribution there has one answer.
    var rows: (student: [Int32], teacher: [Int32], weights: [Float]) {
        var places: [Int32: Int] = [:]
        var result: (student: [Int32], teacher: [Int32], weights: [Float]) = ([], [], [])
        for (row, other) in zip(targets.rows, teacherTargets.rows) {
            if let place = places[row] {
                result.weights[place] += 1
            } else {
                places[row] = result.student.count
                result.student.append(row)
                result.teacher.append(other)
                result.weights.append(1)
            }
        }
        return result
    }

    /// Packs groups into passes of at most `capacity` rows for student and teacher. A group that does not fit is split, and
    /// its prompt is computed once in each part.
    static func packed(_ groups: [DistillationGroup], capacity: Int) -> [DistillationBatch] {
        var drafts:
            [(teacher: Int, rows: Int, parts: [(group: DistillationGroup, completions: ArraySlice<[TokenID]>)])] = []
        for group in groups {
            var group = group
            group.completions.removeAll(where: \.isEmpty)
            var rest = group.completions[...]
            while !rest.isEmpty {
                var rows = group.longestPrompt
                let taken = rest.prefix { tokens in
                    rows += tokens.count - 1
                    return rows <= capacity
                }
                precondition(
                    !taken.isEmpty,
                    "a prompt of \(group.longestPrompt) tokens and a completion in \(capacity)"
                )
                let needed = taken.reduce(group.longestPrompt) { $0 + $1.count - 1 }
                let place = drafts.firstIndex { $0.teacher == group.teacher && $0.rows + needed <= capacity }
                if place == nil { drafts.append((group.teacher, 0, [])) }
                let index = place ?? drafts.count - 1
                drafts[index].rows += needed
                drafts[index].parts.append((group, taken))
                rest = rest.dropFirst(taken.count)
            }
        }
        return drafts.map { DistillationBatch($0.parts, teacher: $0.teacher) }
    }
}
