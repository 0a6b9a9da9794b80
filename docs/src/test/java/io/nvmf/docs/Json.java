package io.nvmf.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON into maps, lists and strings; numbers and words stay text. Strict, so that it finds what is broken. */
final class Json {

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads a document.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.expectEnd();
        return value;
    }

    private Object value() {
        char first = peek();
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        while (peek() != '}') {
            if (!members.isEmpty()) {
                expect(',');
            }
            peek();
            String name = string();
            expect(':');
            if (members.put(name, value()) != null) {
                throw broken("a second " + name);
            }
        }
        at++;
        return members;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        at++;
        while (peek() != ']') {
            if (!elements.isEmpty()) {
                expect(',');
            }
            elements.add(value());
        }
        at++;
        return elements;
    }

    private String string() {
        if (text.charAt(at) != '"') {
            throw broken("no string");
        }
        StringBuilder characters = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\') {
                at++;
                if ("\"\\/".indexOf(text.charAt(at)) < 0) {
                    throw broken("an escape that is not needed here");
                }
            }
            characters.append(text.charAt(at));
        }
        at++;
        return characters.toString();
    }

    private String word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        String word = text.substring(start, at);
        if (!word.matches("true|false|null|-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?")) {
            throw broken("no value");
        }
        return word;
    }

    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            throw broken("the end");
        }
        return text.charAt(at);
    }

    private void expect(char expected) {
        if (peek() != expected) {
            throw broken("no " + expected);
        }
        at++;
    }

    private void expectEnd() {
        if (!text.substring(at).isBlank()) {
            throw broken("more than one value");
        }
    }

    private IllegalArgumentException broken(String what) {
        return new IllegalArgumentException(what + " at character " + at);
    }
}
