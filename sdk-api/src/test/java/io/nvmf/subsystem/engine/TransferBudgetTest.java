package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.testing.ManualEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferBudgetTest {

    private static final int SIZE = 1 << 20;

    private final ManualEventExecutor executor = new ManualEventExecutor();
    private final TargetMemory memory = new TargetMemory(2 * SIZE);
    private final TransferBudget budget = new TransferBudget(executor, SIZE, memory);
    private final List<Integer> granted = new ArrayList<>();

    private TransferBudget.Waiter waiter(int needed, int unit) {
        return new TransferBudget.Waiter() {
            @Override
            public int needed() {
                return needed;
            }

            @Override
            public int unit() {
                return unit;
            }

            @Override
            public void granted(int bytes) {
                granted.add(bytes);
            }
        };
    }

    /** Gives back at once what it is granted, as all do when the connection has ended. */
    private TransferBudget.Waiter generous(int number) {
        return new TransferBudget.Waiter() {
            @Override
            public int needed() {
                return SIZE;
            }

            @Override
            public int unit() {
                return SIZE;
            }

            @Override
            public void granted(int bytes) {
                granted.add(number);
                budget.give(bytes);
            }
        };
    }

    @Test
    void anyNumberOfWaitersIsServedInOrder() {
        assertThat(budget.take(generous(-1))).isEqualTo(SIZE);
        for (int i = 0; i < 131_072; i++) {
            assertThat(budget.take(generous(i))).isZero();
        }

        budget.give(SIZE);

        assertThat(granted).hasSize(131_072).isSorted().startsWith(0);
        assertThat(budget.take(generous(-1))).isEqualTo(SIZE);
    }

    @Test
    void whatIsLargerThanTheBudgetGoesInUnitsOrAlone() {
        assertThat(budget.take(waiter(3 * SIZE, 1000))).isEqualTo(SIZE - SIZE % 1000);
        assertThat(budget.take(waiter(2 * SIZE, 2 * SIZE))).isZero();

        budget.give(SIZE - SIZE % 1000);

        assertThat(granted).containsExactly(2 * SIZE);
        assertThat(budget.held()).isEqualTo(2 * SIZE);
        assertThat(memory.held()).isEqualTo(2L * SIZE);
    }

    @Test
    void connectionThatHoldsNothingIsGrantedALittleWhateverTheOthersHold() {
        memory.force(2 * SIZE);

        assertThat(budget.take(waiter(SIZE, 512))).isEqualTo(TransferBudget.LEAST);
        assertThat(budget.take(waiter(SIZE / 2, 512))).isZero();
        budget.give(TransferBudget.LEAST);

        assertThat(granted).containsExactly(TransferBudget.LEAST);
    }

    @Test
    void connectionsThatWaitForTheMemoryOfAllAreServedInOrderOnTheirOwnLoops() {
        TransferBudget second = new TransferBudget(executor, SIZE, memory);
        memory.force(2 * SIZE);
        budget.take(waiter(512, 512));
        second.take(waiter(512, 512));
        budget.take(waiter(4096, 512));
        second.take(waiter(8192, 512));

        memory.give(4096 + 1024);
        assertThat(granted).isEmpty();
        executor.pump();
        assertThat(granted).containsExactly(4096);

        memory.give(8192);
        executor.pump();
        assertThat(granted).containsExactly(4096, 8192);
    }

    @Test
    void whatIsWithdrawnIsPassedOverAndItsClaimIsNobodyElses() {
        memory.force(2 * SIZE);
        budget.take(waiter(512, 512));
        TransferBudget.Waiter first = waiter(512, 512);
        TransferBudget.Waiter second = waiter(8192, 8192);
        TransferBudget.Waiter third = waiter(4096, 512);
        budget.take(first);
        budget.take(second);
        budget.take(third);

        // Granted, and not yet told: 512 bytes, with which the next one could do nothing.
        memory.give(512 + 512);
        budget.withdraw(first);
        executor.pump();
        assertThat(granted).isEmpty();
        assertThat(budget.held()).isEqualTo(512);
        budget.withdraw(second);
        memory.give(4096);
        executor.pump();

        assertThat(granted).containsExactly(4096);
        budget.give(4096 + 512);
        memory.give(2 * SIZE - 512 - 512 - 4096);
        assertThat(memory.held()).isZero();
    }

    @Test
    void endTellsThoseWhoWaitAndLeavesNoClaimBehind() {
        TransferBudget second = new TransferBudget(executor, SIZE, memory);
        memory.force(2 * SIZE);
        budget.take(waiter(512, 512));
        budget.take(waiter(4096, 512));
        budget.take(waiter(4096, 512));
        second.take(waiter(512, 512));
        second.take(waiter(1024, 512));

        budget.end();
        assertThat(granted).containsExactly(0, 0);
        memory.give(2 * SIZE);
        budget.give(512);
        executor.pump();

        assertThat(granted).containsExactly(0, 0, 1024);
        assertThat(memory.held()).isEqualTo(second.held());
    }

    @Test
    void claimThatIsGrantedWhileItsConnectionEndsGoesBack() {
        memory.force(2 * SIZE);
        budget.take(waiter(512, 512));
        budget.take(waiter(4096, 512));
        memory.give(2 * SIZE);

        budget.end();
        executor.pump();
        budget.give(512);

        assertThat(granted).containsExactly(0);
        assertThat(memory.held()).isZero();
    }
}
