// What the stages of a study stand for in its tables.

internal import IQStudy

extension StudyPlan {
    func makeOutline(teacher: String) -> StudyOutline {
        func system(_ label: String, _ name: String, _ paper: PaperRow? = nil) -> StudyOutline.System {
            StudyOutline.System(label, stage: "evaluate-\(name)", name: name, paper: paper)
        }
        let seeds = configuration.seeds.map { seed in
            let isFirst = seed == configuration.seeds[0]
            return StudyOutline.SeedPair(
                seed: seed,
                credit: isFirst
                    ? system("GRPO, the teacher", teacher, PaperFigures.teacher)
                    : system("GRPO, seed \(seed)", "teacher-\(seed)"),
                plain: system("GRPO without credit for queries, seed \(seed)", "no-credit-\(seed)")
            )
        }
        let student = configuration.distillation.layers
        func recovered(_ layers: Int) -> StudyOutline.System {
            layers == student
                ? system("student of \(layers) layers, undistilled", "recover-\(layers)", PaperFigures.undistilled)
                : system("\(layers) layers before GRPO", "recover-\(layers)")
        }
        return StudyOutline(
            baselines: Self.baselineNames.filter { configuration.evaluation.baselines.contains($0.argument) }
                .map { StudyOutline.System($0.system, stage: "evaluate-baselines", name: $0.system) },
            promptOnly: system("prompt only", "prompt-only", PaperFigures.promptOnly),
            warmUp: system("after the warm-up", "warm-up"),
            seeds: seeds,
            allRewards: system("GRPO, short, all rewards", "rewards-all"),
            ablations: configuration.rewards.names.map {
                StudyOutline.Ablation(reward: $0, system: system("GRPO, short, without \($0)", "without-\($0)"))
            },
            capacity: configuration.capacity.layers.map {
                StudyOutline.Capacity(
                    layers: $0,
                    before: recovered($0),
                    after: system("\($0) layers after GRPO", "capacity-\($0)")
                )
            },
            undistilled: recovered(student),
            supervised: system(
                "student of \(student) layers, supervised",
                "student-supervised",
                PaperFigures.supervised
            ),
            onPolicy: system("student of \(student) layers, on-policy", "student-on-policy", PaperFigures.onPolicy),
            sampling: (stage: "curve", file: "curve.json"),
            temperature: configuration.evaluation.temperature
        )
    }

    /// What `evaluate` calls its baselines.
    private static let baselineNames: [(argument: String, system: String)] = [
        ("chance", "chance"), ("popularity", "popularity"), ("category", "category share"),
        ("bm25-sum", "last 5 titles, BM25 sum"), ("bm25-max", "last 5 titles, BM25 max"),
        ("dense-last", "last 5 titles, dense"), ("dense-mean", "mean of history, dense"),
        ("union", "popularity + mean of history"), ("popular-titles", "popular titles near history, as queries"),
    ]
}
