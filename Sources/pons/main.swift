internal import Glibc
internal import PonsCommand

let code = Program.run(arguments: CommandLine.arguments)
fflush(nil)
// Without exit handlers: all is done and written. Those of plugins' libraries give back memory, which the system does faster,
// and one that crashes would make a run that went well a failure.
_exit(code)
