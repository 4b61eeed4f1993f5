import PonsCommand
import Testing

@Suite struct ArgumentParserTests {
  private func parse(_ words: String...) throws(UsageError) -> Invocation {
    try ArgumentParser.parse(words, root: CommandTable.pons)
  }

  private func failure(_ words: String...) -> UsageError? {
    do {
      _ = try ArgumentParser.parse(words, root: CommandTable.pons)
      return nil
    } catch {
      return error
    }
  }

  @Test func `options and operands may be mixed, values follow a space or an equals sign`() throws {
    let line = try parse("run", "--set", "a=1", "m.yaml", "--set=b=2=3", "--jobs=4", "--json")
    #expect(line.path == ["pons", "run"])
    #expect(line.operands == ["m.yaml"])
    #expect(line.list("set") == ["a=1", "b=2=3"])
    #expect(line.integer("jobs") == 4)
    #expect(line.has("json"))
    #expect(!line.has("quiet"))
  }

  @Test func `short options take their value glued on, after an equals sign, or as the next word`()
    throws
  {
    #expect(try parse("run", "m", "-j4").integer("jobs") == 4)
    #expect(try parse("run", "m", "-j=4").integer("jobs") == 4)
    #expect(try parse("run", "m", "-j", "4").integer("jobs") == 4)
  }

  @Test func `after two dashes everything is an operand`() throws {
    #expect(try parse("run", "--", "--set").operands == ["--set"])
  }

  @Test func `of an option that is given twice the last value counts`() throws {
    #expect(try parse("run", "m", "--output", "a", "--output", "b").value("output") == "b")
  }

  @Test func `values may be negative numbers, empty, or a dash`() throws {
    #expect(try parse("run", "m", "--set", "").value("set") == "")
    #expect(try parse("run", "m", "--set", "-").value("set") == "-")
    #expect(failure("run", "m", "--jobs", "-1")?.message.contains("at least 1") == true)
  }

  @Test func `groups lead to their commands`() throws {
    let line = try parse("plugins", "inspect", "nifti.read")
    #expect(line.path == ["pons", "plugins", "inspect"])
    #expect(line.operands == ["nifti.read"])
  }

  @Test func `help is found at every level and nothing else is checked then`() throws {
    #expect(try parse("--help").command.name == "pons")
    #expect(try parse("run", "-h").command.name == "run")
    #expect(try parse("plugins", "check", "--help").path == ["pons", "plugins", "check"])
  }

  @Test(arguments: [
    (["rnu"], "unknown command \"rnu\"", "did you mean \"run\"?"),
    (["plugins", "lst"], "unknown command \"lst\"", "did you mean \"list\"?"),
    (["run", "m", "--overlya", "x"], "unknown option --overlya", "did you mean --overlay?"),
    (["run", "m", "-x"], "unknown option -x", "lists the options"),
    (["run", "m", "--jobs"], "--jobs needs a value", "--jobs N"),
    (["run", "m", "--output", "--json"], "--output needs a value", "--output DIR"),
    (["run", "m", "--json=yes"], "--json takes no value", ""),
    (["run", "m", "--jobs", "two"], "whole number of at least 1", ""),
    (["run", "m", "--memory", "2 cats"], "amount of memory", "512M"),
    (["run", "m", "--color", "alway"], "takes auto, always, never", "did you mean \"always\"?"),
    (["run"], "pons run needs MANIFEST", "usage: pons run MANIFEST"),
    (["run", "a", "b"], "does not expect \"b\"", "usage: pons run MANIFEST"),
    (["completions", "fish"], "SHELL is one of bash, zsh", ""),
  ])
  func `errors say what is wrong and what to type`(
    words: [String], message: String, hint: String
  ) {
    do {
      _ = try ArgumentParser.parse(words, root: CommandTable.pons)
      Issue.record("\(words) was understood")
    } catch {
      #expect(error.message.contains(message))
      #expect(error.hint.contains(hint))
    }
  }

  @Test(arguments: [
    ("1", 1), ("4096", 4096), ("512M", 512 << 20), ("2G", 2 << 30), ("2g", 2 << 30),
    ("1.5GiB", 3 << 29), ("64kb", 64 << 10), ("1T", 1 << 40),
  ])
  func `amounts of memory are read as people write them`(text: String, bytes: Int) {
    #expect(ByteCount(text)?.bytes == bytes)
  }

  @Test(arguments: ["", "G", "0", "-1G", "2X", "1e99T", "nan", "2 G", "1..5G", "9999999999T", "１G"])
  func `what is no amount of memory is refused`(text: String) {
    #expect(ByteCount(text) == nil)
  }

  @Test func `amounts of memory are shown in the largest fitting unit`() {
    #expect(ByteCount(bytes: 512).description == "512 B")
    #expect(ByteCount(bytes: 1536).description == "1.5 KiB")
    #expect(ByteCount(bytes: 2 << 30).description == "2 GiB")
  }
}
