-- Asserts that a call fails with an error that holds a sentence.
return function(sentence, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. sentence)
  assert(tostring(message):find(sentence, 1, true), ("wanted: %s\ngot: %s"):format(sentence, tostring(message)))
end
