local date = require "aistudios.util.date"

describe("a date", function()
  it("of HTTP is read in universal time, leap days and all", function()
    assert.equal(0, date.of_http "Thu, 01 Jan 1970 00:00:00 GMT")
    assert.equal(784111777, date.of_http "Sun, 06 Nov 1994 08:49:37 GMT")
    assert.equal(951782400, date.of_http "Tue, 29 Feb 2000 00:00:00 GMT")
    assert.equal(4102444799, date.of_http "Thu, 31 Dec 2099 23:59:59 GMT")
    assert.equal(784111777, date.of_http "Sunday, 06-Nov-94 08:49:37 GMT")
    assert.equal(1795769377, date.of_http "Friday, 27-Nov-26 08:49:37 GMT")
    assert.equal(784111777, date.of_http "Sun Nov  6 08:49:37 1994")
    assert.is_nil(date.of_http "06 Nov 1994")
    assert.is_nil(date.of_http "Sun, 06 Nov 199 08:49:37 GMT")
    assert.is_nil(date.of_http(nil))
  end)

  it("of ISO 8601 is read with its zone", function()
    assert.equal(784111777, date.of_iso "1994-11-06T08:49:37.123Z")
    assert.equal(784111777, date.of_iso "1994-11-06 08:49:37")
    assert.equal(784111777, date.of_iso "1994-11-06T17:49:37+09:00")
    assert.equal(784111777, date.of_iso "1994-11-06T03:19:37-0530")
    assert.equal(951782400, date.of_iso "2000-02-29T00:00:00Z")
    for _, text in ipairs { "", "yesterday", "1994-13-06T08:49:37Z", "1994-00-06T08:49:37Z",
      "1994-11-06T08:49:37 CET", 784111777 } do
      assert.is_nil(date.of_iso(text))
    end
    assert.is_nil(date.of_iso(nil))
  end)
end)
