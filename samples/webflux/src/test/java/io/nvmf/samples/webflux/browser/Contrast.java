package io.nvmf.samples.webflux.browser;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Contrast as WCAG 2.2 defines it, of every text and every outline of a control that is to be seen. */
final class Contrast {

    /**
     * Collects texts with their colour and all grounds below them, from the innermost outwards, and controls with the
     * colour of their edge and the grounds around them.
     */
    private static final String COLLECT = """
            const found = [];
            const grounds = (element) => {
                const colours = [];
                for (let at = element; at; at = at.parentElement) {
                    colours.push(getComputedStyle(at).backgroundColor);
                    if (at.tagName === 'DIALOG') break;
                }
                return colours;
            };
            const top = document.querySelector('dialog[open]') ?? document.body;
            for (const element of top.querySelectorAll('*')) {
                if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
                const style = getComputedStyle(element);
                const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
                const name = `${element.tagName} "${(element.textContent || element.id).trim().slice(0, 40)}"`;
                const svg = element instanceof SVGElement;
                if (own && style.clipPath === 'none' && !element.closest('.visually-hidden')) {
                    const size = parseFloat(style.fontSize);
                    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
                    const colour = svg ? style.fill : style.color;
                    found.push({name, colour, grounds: grounds(element), least: large ? 3 : 4.5});
                }
                if (element.matches('.button:not(.quiet, .primary), input[type=text]')) {
                    const around = grounds(element.parentElement);
                    found.push({name: `edge of ${name}`, colour: style.borderTopColor, grounds: around, least: 3});
                }
            }
            return found;
            """;

    private Contrast() {}

    /**
     * Looks at the page, or at the dialog that is open.
     *
     * @return what has too little contrast, with the ratio
     */
    static List<String> tooLow(Chrome chrome) {
        List<String> low = new ArrayList<>();
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (Object found : (List<?>) chrome.run(COLLECT)) {
            Map<?, ?> one = (Map<?, ?>) found;
            List<?> grounds = (List<?>) one.get("grounds");
            double[] ground = {255, 255, 255, 1};
            for (int i = grounds.size() - 1; i >= 0; i--) {
                ground = over(parse(String.valueOf(grounds.get(i))), ground);
            }
            double ratio = ratio(over(parse(String.valueOf(one.get("colour"))), ground), ground);
            ratios.put(String.valueOf(one.get("name")), ratio);
            if (ratio < ((Number) one.get("least")).doubleValue()) {
                low.add(String.format("%s: %.2f", one.get("name"), ratio));
            }
        }
        if (ratios.size() < 5) {
            low.add("only " + ratios.size() + " texts were found");
        }
        return low;
    }

    static double ratio(double[] one, double[] other) {
        double lighter = Math.max(luminance(one), luminance(other));
        double darker = Math.min(luminance(one), luminance(other));
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static double luminance(double[] colour) {
        return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
    }

    private static double linear(double channel) {
        double part = channel / 255;
        return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }

    /** {@code rgb(1, 2, 3)} or {@code rgba(1, 2, 3, 0.5)}, as browsers compute colours. */
    static double[] parse(String css) {
        String[] parts = css.replaceAll("[^\\d.,]", "").split(",", -1);
        return new double[] {
            Double.parseDouble(parts[0]),
            Double.parseDouble(parts[1]),
            Double.parseDouble(parts[2]),
            parts.length > 3 ? Double.parseDouble(parts[3]) : 1
        };
    }

    private static double[] over(double[] front, double[] back) {
        double[] mixed = {0, 0, 0, 1};
        for (int i = 0; i < 3; i++) {
            mixed[i] = front[3] * front[i] + (1 - front[3]) * back[i];
        }
        return mixed;
    }
}
