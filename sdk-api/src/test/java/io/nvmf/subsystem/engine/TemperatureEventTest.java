package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Property;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows a temperature threshold on the other side of the temperature, which is always 298 kelvins. */
class TemperatureEventTest {

    private static final int WARNING = 1 << 1;
    private static final int UNDER = 1 << 20;
    private static final int EVENT = 1 | 1 << 8 | 2 << 16;

    private final TargetFixture target = TargetFixture.start();
    private final RawQueue admin = target.admin().queue();

    @AfterEach
    void close() {
        target.close();
    }

    private void threshold(int value) {
        admin.succeed(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, value));
    }

    private void configure(int warnings) {
        admin.succeed(RawCommand.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, warnings));
    }

    private long warning(boolean retainEvent) {
        RawCommand log = RawCommand.of(entry -> GetLogPageCommand.of(LogPage.SMART_HEALTH, 512)
                        .withRetainAsyncEvent(retainEvent)
                        .encode(entry, 0))
                .receiving(512);
        admin.succeed(log);
        return new SmartHealthLog()
                .wrap(Unpooled.wrappedBuffer(log.received()), 0)
                .get(SmartHealthLog.Field.CRITICAL_WARNING);
    }

    private void expectEvent(int commandId) {
        ResponseCapsule event = admin.next();
        assertThat(event.commandId()).isEqualTo(commandId);
        assertThat(event.isSuccess()).isTrue();
        assertThat(event.dw0()).isEqualTo(EVENT);
    }

    private void expectNone() {
        admin.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        assertThat(admin.silent()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"299, false", "298, true", "297, true", "0, true", "1048873, false", "1048874, true", "1048875, true"})
    @Covers("At or beyond a threshold the warning is set, and told if the host wants it")
    void theWarningIsThereWhenTheTemperatureIsAtOrBeyond(int threshold, boolean warned) {
        assertThat(warning(true)).isZero();

        threshold(threshold);

        assertThat(warning(true)).isEqualTo(warned ? WARNING : 0);
        threshold((threshold & UNDER) == 0 ? 0xFFFF : UNDER);
        assertThat(warning(true)).isZero();
    }

    @Test
    @Covers("At or beyond a threshold the warning is set, and told if the host wants it")
    void theEventGoesToARequestThatWaits() {
        int request = admin.send(RawCommand.awaitEvent());
        configure(WARNING);
        expectNone();

        admin.send(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 200));

        expectEvent(request);
        assertThat(admin.next().isSuccess()).isTrue();
    }

    @Test
    @Covers("An event waits for a request, and is told once until its log page is read without RAE")
    void theEventWaitsForARequest() {
        configure(WARNING);
        threshold(200);

        expectEvent(admin.send(RawCommand.awaitEvent()));
    }

    @Test
    @Covers("At or beyond a threshold the warning is set, and told if the host wants it")
    void aConditionThatIsThereIsToldWhenItIsAskedFor() {
        threshold(UNDER | 400);
        int request = admin.send(RawCommand.awaitEvent());
        configure(0xFF & ~WARNING);
        expectNone();

        admin.send(RawCommand.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, 0xFF));

        expectEvent(request);
        assertThat(admin.next().isSuccess()).isTrue();
    }

    @Test
    @Covers("An event waits for a request, and is told once until its log page is read without RAE")
    void itIsToldOnceUntilTheLogIsReadWithoutRetainingIt() {
        configure(WARNING);
        threshold(200);
        expectEvent(admin.send(RawCommand.awaitEvent()));
        int second = admin.send(RawCommand.awaitEvent());

        threshold(0xFFFF);
        threshold(201);
        warning(true);
        threshold(202);
        expectNone();
        warning(false);
        expectNone();
        admin.send(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 203));

        expectEvent(second);
        assertThat(admin.next().isSuccess()).isTrue();
    }

    @Test
    void whatIsOverOrUnwantedOrKnownIsNotTold() {
        configure(WARNING);
        threshold(200);
        threshold(0xFFFF);
        int request = admin.send(RawCommand.awaitEvent());
        expectNone();
        admin.send(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 200));
        expectEvent(request);
        assertThat(admin.next().isSuccess()).isTrue();

        warning(false);
        threshold(201);
        warning(false);
        admin.send(RawCommand.awaitEvent());
        expectNone();
        configure(0);
        threshold(202);
        expectNone();
    }

    @Test
    void aResetForgetsIt() {
        configure(WARNING);
        threshold(200);
        admin.succeed(RawCommand.set(Property.CC, 0));
        admin.succeed(enable());

        admin.send(RawCommand.awaitEvent());

        expectNone();
        assertThat(warning(true)).isZero();
    }

    @Test
    void thresholdsOfSensorsThatAreNotThereAreRefused() {
        admin.refuse(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 1 << 16), StatusCode.INVALID_FIELD, true);
        assertThat(warning(true)).isZero();
    }
}
