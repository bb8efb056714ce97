// One process alone, and what is said when several cannot agree. Several processes are checked by Scripts/test-mpi.

import IQTraining
import Testing

@Suite("Collective of one process")
struct CollectiveTests {
    let collective: any Collective = .single

    @Test("is the first of one")
    func isFirst() {
        #expect(collective.rank == 0)
        #expect(collective.count == 1)
        #expect(collective.isFirst)
    }

    @Test("leaves sums as they are")
    func sums() throws {
        var gradients: [Float] = [1, -2.5, .infinity]
        try collective.sum(&gradients)
        #expect(gradients == [1, -2.5, .infinity])
        #expect(try collective.sum([0.25, 3]) == [0.25, 3])
        #expect(try collective.sum(7) == 7)
        #expect(try collective.any(true))
        #expect(try !collective.any(false))
    }

    @Test("copies to itself, and waits for nobody")
    func copies() throws {
        #expect(try collective.broadcast([1, 2, 3]) == [1, 2, 3])
        #expect(try collective.broadcast([UInt8]()).isEmpty)
        #expect(try collective.gather([4, 5]) == [[4, 5]])
        try collective.barrier()
        try collective.finish()
    }

    @Test("a build without MPI says how to get it", .enabled(if: !MPICollective.isAvailable))
    func unavailable() {
        #expect(throws: CollectiveError.notCompiledIn) { try MPICollective() }
        #expect(CollectiveError.notCompiledIn.description.contains("swift build --traits MPI"))
    }

    @Test("a launcher's variables say how many processes there are")
    func launchedProcesses() {
        #expect(MPICollective.launchedProcesses([:]) == 1)
        #expect(MPICollective.launchedProcesses(["OMPI_COMM_WORLD_SIZE": "4", "PMI_SIZE": "2"]) == 4)
        #expect(MPICollective.launchedProcesses(["PMI_SIZE": "2"]) == 2)
        #expect(MPICollective.launchedProcesses(["PMI_SIZE": "many"]) == 1)
    }

    @Test("errors say what each rank did")
    func descriptions() {
        #expect(
            CollectiveError.differentSizes(operation: "sum of floats", counts: [10, 12]).description
                == "sum of floats: the processes bring different sizes: rank 0 10, rank 1 12"
        )
        #expect(
            CollectiveError.differentOperations(["barrier", "sum of doubles"]).description
                == "the processes do not do the same: rank 0 barrier, rank 1 sum of doubles"
        )
        #expect(
            CollectiveError.failed(operation: "broadcast", code: 16, text: "MPI_ERR_OTHER").description
                == "broadcast: MPI error 16: MPI_ERR_OTHER"
        )
    }
}
