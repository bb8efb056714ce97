// `interest-query report`: what became of training runs, as one page.

internal import ArgumentParser
internal import InterestQueryKit

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a page with the curves, final figures and options of training runs.",
        discussion: """
            The page is one HTML file that needs nothing from elsewhere. Several runs are drawn into the same diagrams, and \
            the options in which they differ are marked.
            """
    )

    @Argument(help: "The folders of the runs.")
    var runs: [String]

    @Option(name: [.short, .long], help: "The file to write.")
    var output = "report.html"

    func run() throws {
        try RunReport(folders: runs).write(to: output)
        try StandardOutput.write(output + "\n")
    }
}
