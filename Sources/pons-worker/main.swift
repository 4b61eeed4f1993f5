internal import Glibc
internal import PonsHost

exit(WorkerCommand.run(Array(CommandLine.arguments.dropFirst())))
