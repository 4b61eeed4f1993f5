import ClipLabeler
import Glibc
import PonsKit
import PonsWeights
import TestFolders
import Testing

/// Against `CLIPTokenizer` of transformers 5; ids are equal or not. See Fixtures/make_tokenizer.py.
@Suite struct ClipTokenizerTests {
  /// A folder with the files of OpenAI's vocabulary, which are not in the repository.
  static let realFolder = getenv("PONS_CLIP_VOCABULARY").map { String(cString: $0) }

  private static func texts() throws -> [JSON] {
    let bytes = try WeightMemory.mapping(fixtures + "/texts.json").withBytes(Array.init)
    return try #require(JSON(parsing: bytes).array)
  }

  private func compare(_ tokenizer: ClipTokenizer, _ key: String) throws {
    let texts = try Self.texts()
    #expect(texts.count > 190)
    for entry in texts {
      let text = try #require(entry["text"]?.string)
      let expected = try #require(entry[key]?.array).compactMap(\.integer).map(Int.init)
      let found = tokenizer.encode(text, limit: 77)
      #expect(found == expected, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
  }

  @Test func `ids of a small vocabulary are the reference's`() throws {
    try compare(ClipTokenizer(folder: ModelFolder(path: fixtures)), "small")
  }

  @Test(.enabled(if: realFolder != nil, "PONS_CLIP_VOCABULARY names no folder"))
  func `ids of OpenAI's vocabulary are the reference's`() throws {
    let folder = try ModelFolder(path: #require(Self.realFolder))
    let tokenizer = try ClipTokenizer(folder: folder)
    #expect(tokenizer.start == 49406 && tokenizer.end == 49407 && tokenizer.count == 49408)
    try compare(tokenizer, "real")
  }

  private static let small = [
    "a": 0, "b</w>": 1, "ab</w>": 2, "<|startoftext|>": 3, "<|endoftext|>": 4,
  ]

  @Test func `a long text loses its rest and not its end`() throws {
    let tokenizer = try ClipTokenizer(vocabulary: Self.small, merges: [("a", "b</w>")])
    #expect(tokenizer.encode("ab ab ab ab", limit: 4) == [3, 2, 2, 4])
    #expect(tokenizer.encode("ab", limit: 4) == [3, 2, 4])
  }

  /// As older and newer versions of the tokenizers library write merges.
  @Test(arguments: [["a b</w>"], [["a", "b</w>"]]] as [JSON])
  func `tokenizer.json is read when it is all there is`(merges: JSON) throws {
    let folder = try TemporaryFolder()
    let json: JSON = [
      "model": [
        "type": "BPE", "end_of_word_suffix": "</w>", "vocab": ["a": 0, "b</w>": 1, "ab</w>": 2],
        "merges": merges,
      ],
      "added_tokens": [
        ["id": 3, "content": "<|startoftext|>"], ["id": 4, "content": "<|endoftext|>"],
      ],
    ]
    try Files.write(Array(json.canonical.utf8), folder.path + "tokenizer.json")
    let tokenizer = try ClipTokenizer(folder: ModelFolder(path: folder.path))
    #expect(tokenizer.encode("ab a", limit: 9) == [3, 2, 4, 4])
  }

  @Test func `words are small letters, and named once`() throws {
    let tokenizer = try ClipTokenizer(vocabulary: Self.small, merges: [("a", "b</w>")])
    #expect(tokenizer.words(in: "AB aab ab, aab") == ["ab", "aab", ","])
    #expect(tokenizer.words(in: "ab <|endoftext|>") == ["ab"])
  }

  @Test func `what does not fit together is refused`() throws {
    let error = try #require(throws: StageFailure.self) {
      try ClipTokenizer(vocabulary: Self.small, merges: [("a", "c</w>")])
    }
    #expect(error.code == "BAD_MODEL" && error.message.contains("'c</w>'"))
    #expect(throws: StageFailure.self) { try ClipTokenizer(vocabulary: [:], merges: []) }
  }
}
