package io.nvmf.spring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.util.StreamUtils;

/** What the metadata of this module says of properties. */
final class Metadata {

    /** What is said of one. */
    record Property(String name, String type, Object defaultValue, String description) {}

    private Metadata() {}

    static List<String> names() {
        return List.copyOf(properties().keySet());
    }

    @SuppressWarnings("unchecked") // the format of the file
    static Map<String, Property> properties() {
        try (InputStream file = Metadata.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            String text = StreamUtils.copyToString(file, StandardCharsets.UTF_8);
            List<Map<String, Object>> properties = (List<Map<String, Object>>)
                    JsonParserFactory.getJsonParser().parseMap(text).get("properties");
            return properties.stream()
                    .map(property -> new Property(
                            (String) property.get("name"),
                            (String) property.get("type"),
                            property.get("defaultValue"),
                            (String) property.get("description")))
                    .collect(Collectors.toMap(Property::name, property -> property, (a, b) -> a, TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
