// `interest-query model`: what a model is, and writing it in another form.

internal import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look at models, convert them, merge adapters into them, and cut students out of them.",
        subcommands: [ModelInfoCommand.self, ModelConvertCommand.self, ModelMergeCommand.self, ModelCutCommand.self]
    )
}
