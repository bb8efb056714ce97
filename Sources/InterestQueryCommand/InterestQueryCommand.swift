import ArgumentParser

@main
struct InterestQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "interest-query")
}
