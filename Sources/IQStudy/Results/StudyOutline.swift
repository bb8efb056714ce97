// Which stage measured what, and what it stands for in the tables.

/// What a study measures, stage by stage; whatever is not there yet is left out of the tables.
package struct StudyOutline: Sendable {
    /// A system as one stage measured it.
    package struct System: Sendable, Hashable {
        /// What tables call it.
        package var label: String
        /// The stage that measured it.
        package var stage: String
        /// What that stage calls it.
        package var name: String
        /// The row of the paper it stands beside; nil if there is none.
        package var paper: PaperRow?

        package init(_ label: String, stage: String, name: String, paper: PaperRow? = nil) {
            self.label = label
            self.stage = stage
            self.name = name
            self.paper = paper
        }
    }

    /// Policies of one seed with and without credit for queries.
    package struct SeedPair: Sendable, Hashable {
        package var seed: UInt64
        package var credit: System
        package var plain: System

        package init(seed: UInt64, credit: System, plain: System) {
            self.seed = seed
            self.credit = credit
            self.plain = plain
        }
    }

    /// A policy trained without one reward.
    package struct Ablation: Sendable, Hashable {
        package var reward: String
        package var system: System

        package init(reward: String, system: System) {
            self.reward = reward
            self.system = system
        }
    }

    /// Models of one number of layers, before and after GRPO.
    package struct Capacity: Sendable, Hashable {
        package var layers: Int
        package var before: System
        package var after: System

        package init(layers: Int, before: System, after: System) {
            self.layers = layers
            self.before = before
            self.after = after
        }
    }

    package var baselines: [System]
    package var promptOnly: System
    package var warmUp: System
    package var seeds: [SeedPair]
    /// With all rewards, as long as those without one.
    package var allRewards: System
    package var ablations: [Ablation]
    package var capacity: [Capacity]
    package var undistilled: System
    package var supervised: System
    package var onPolicy: System
    /// The stage and file with ``SampledValues`` of the teacher's lists.
    package var sampling: (stage: String, file: String)
    /// At which measured lists were sampled; 0 for the most probable ones.
    package var temperature: Float

    package init(
        baselines: [System],
        promptOnly: System,
        warmUp: System,
        seeds: [SeedPair],
        allRewards: System,
        ablations: [Ablation],
        capacity: [Capacity],
        undistilled: System,
        supervised: System,
        onPolicy: System,
        sampling: (stage: String, file: String),
        temperature: Float
    ) {
        self.baselines = baselines
        self.promptOnly = promptOnly
        self.warmUp = warmUp
        self.seeds = seeds
        self.allRewards = allRewards
        self.ablations = ablations
        self.capacity = capacity
        self.undistilled = undistilled
        self.supervised = supervised
        self.onPolicy = onPolicy
        self.sampling = sampling
        self.temperature = temperature
    }

    /// The policy that distillation and sampling begin from: that of the first seed with credit.
    package var teacher: System { seeds[0].credit }

    /// Every system once, in the order of the tables.
    package var systems: [System] {
        var seen: Set<System> = []
        let all =
            [promptOnly, warmUp] + seeds.flatMap { [$0.credit, $0.plain] } + [allRewards] + ablations.map(\.system)
            + capacity.flatMap { [$0.before, $0.after] } + [undistilled, supervised, onPolicy] + baselines
        return all.filter { seen.insert($0).inserted }
    }

    /// The file that every measuring stage writes.
    package static let valuesFile = "values.json"
}

/// A row of the paper's tables (arXiv 2602.15005), for a look at the direction: other models, other data, other users.
package struct PaperRow: Sendable, Hashable, Codable {
    package var name: String
    /// By the names that our tables use.
    package var figures: [String: Double]

    package init(_ name: String, _ figures: [String: Double]) {
        self.name = name
        self.figures = figures
    }

    /// Of the main table.
    package init(
        _ name: String,
        recall5: Double,
        recall10: Double,
        ndcg5: Double,
        ndcg10: Double,
        reciprocalRank: Double
    ) {
        self.init(
            name,
            [
                "Recall@5": recall5, "Recall@10": recall10, "NDCG@5": ndcg5, "NDCG@10": ndcg10,
                "MRR": reciprocalRank,
            ]
        )
    }
}

/// The paper's figures (arXiv 2602.15005).
package enum PaperFigures {
    package static let promptOnly = PaperRow(
        "32B, prompt only",
        recall5: 0.153,
        recall10: 0.194,
        ndcg5: 0.139,
        ndcg10: 0.188,
        reciprocalRank: 0.147
    )
    package static let teacher = PaperRow(
        "RL-trained teacher 32B",
        recall5: 0.257,
        recall10: 0.271,
        ndcg5: 0.209,
        ndcg10: 0.241,
        reciprocalRank: 0.199
    )
    package static let onPolicy = PaperRow(
        "distilled student 0.5B",
        recall5: 0.233,
        recall10: 0.261,
        ndcg5: 0.196,
        ndcg10: 0.235,
        reciprocalRank: 0.180
    )
    package static let supervised = PaperRow("supervised student", ["Recall@10": 0.245, "NDCG@10": 0.207])
    package static let undistilled = PaperRow("student, not distilled", ["Recall@10": 0.187, "NDCG@10": 0.179])
    /// Recall@10 of the best of N.
    package static let bestOf: [Int: Double] = [1: 0.271, 2: 0.294, 4: 0.301, 8: 0.305, 16: 0.307, 32: 0.310]
    /// Recall@10 by size of the model.
    package static let capacity: [(model: String, recall10: Double)] = [
        ("0.5B", 0.187), ("1.5B", 0.192), ("3B", 0.193), ("7B", 0.201), ("14B", 0.238), ("32B", 0.257),
    ]
    /// Recall@10 without one reward.
    package static let without: [String: Double] = [
        "alignment": 0.162, "coverage": 0.115, "specificity": 0.196, "diversity": 0.179, "structure": 0.193,
    ]
    /// Gains in Recall@10 of credit for queries over list-level rewards (arXiv 2609.29983), as parts of it.
    package static let creditGain = 0.155...0.396
    /// Lists a second: of the student, and of the teacher.
    package static let usersPerSecond = (student: 67.0, teacher: 2.0)
}
