// The file that describes a distillation: JSON, every key optional but known.

internal import InterestQueryKit

/// Everything that a distillation depends on, but the seed's luck: written into `run.json` with what is not given filled in.
struct DistillationConfiguration: Codable, Sendable {
    /// How the student is asked for lists.
    var list = ListConfiguration()
    /// How the teacher is asked, where it is to see more of a person or other instructions; nil for the student's prompt.
    var teacherList: ListConfiguration?
    /// Training people; nil for all.
    var people: Int?
    /// People of the training set on whom the divergence is measured instead.
    var heldOutPeople = 64
    /// Deals people out, as the teacher's training did.
    var peopleSeed: UInt64 = 0
    var training: DistillationOptions

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case list, teacherList, people, heldOutPeople, peopleSeed, training
    }

    init(training: DistillationOptions) { self.training = training }

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        list = try values.decodeIfPresent(ListConfiguration.self, forKey: .list) ?? list
        teacherList = try values.decodeIfPresent(ListConfiguration.self, forKey: .teacherList)
        people = try values.decodeIfPresent(Int.self, forKey: .people)
        heldOutPeople = try values.decodeIfPresent(Int.self, forKey: .heldOutPeople) ?? heldOutPeople
        peopleSeed = try values.decodeIfPresent(UInt64.self, forKey: .peopleSeed) ?? peopleSeed
        training = try values.decodeIfPresent(DistillationOptions.self, forKey: .training) ?? DistillationOptions()
        try deal.check()
    }

    var deal: PeopleDeal { PeopleDeal(people: people, heldOut: heldOutPeople, seed: peopleSeed) }

    /// For a student of a third of the layers of a model of 135 million weights: all weights, short lists.
    static func small() throws -> DistillationConfiguration {
        var configuration = DistillationConfiguration(
            training: try DistillationOptions(
                precision: .bf16,
                promptsPerStep: 16,
                duration: .steps(150),
                learningRate: 1e-4,
                rollout: try RolloutOptions(maximumTokens: 48),
                evaluationInterval: 25
            )
        )
        configuration.heldOutPeople = 32
        return configuration
    }
}
