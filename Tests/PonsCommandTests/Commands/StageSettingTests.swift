import PonsCommand
import PonsKit
import Testing

@Suite struct StageSettingTests {
  @Test func `the last dot before the equals sign separates stage and parameter`() {
    let setting = StageSetting("org.example.read.path=a.b=c")
    #expect(setting?.stage == "org.example.read")
    #expect(setting?.parameter == "path")
    #expect(setting?.value == .string("a.b=c"))
  }

  @Test func `values are JSON, or else text`() {
    #expect(StageSetting("a.b=3")?.value == .integer(3))
    #expect(StageSetting("a.b=[1]")?.value == .array([.integer(1)]))
    #expect(StageSetting("a.b=")?.value == .string(""))
  }

  @Test(arguments: ["", "a", "a=1", ".b=1", "a.=1", "a.b"])
  func `what is no setting is refused`(text: String) { #expect(StageSetting(text) == nil) }
}
