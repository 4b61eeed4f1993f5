/// The folder of this target's fixtures.
let fixtures = String(#filePath.dropLast("/Support.swift".count)) + "/Fixtures"
