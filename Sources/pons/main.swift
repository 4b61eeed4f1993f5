internal import Glibc
internal import PonsCommand

exit(Program.run(arguments: CommandLine.arguments))
