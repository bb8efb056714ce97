// `interest-query train`: kinds of training.

internal import ArgumentParser

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a model on this machine.",
        subcommands: [
            TrainPairsCommand.self, TrainSupervisedCommand.self, TrainGRPOCommand.self, TrainDistillCommand.self,
            TrainCleanerCommand.self,
        ]
    )
}
