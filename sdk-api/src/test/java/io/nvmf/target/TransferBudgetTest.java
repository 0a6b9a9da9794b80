package io.nvmf.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferBudgetTest {

    private final TransferBudget budget = new TransferBudget();
    private final List<Integer> granted = new ArrayList<>();

    /** Gives back at once what it is granted, as all do when the connection has ended. */
    private TransferBudget.Waiter waiter(int number) {
        return new TransferBudget.Waiter() {
            @Override
            public int needed() {
                return TransferBudget.SIZE;
            }

            @Override
            public void granted() {
                granted.add(number);
                budget.give(TransferBudget.SIZE);
            }
        };
    }

    @Test
    void anyNumberOfWaitersIsServedInOrder() {
        assertThat(budget.take(waiter(-1))).isTrue();
        for (int i = 0; i < 131_072; i++) {
            assertThat(budget.take(waiter(i))).isFalse();
        }

        budget.give(TransferBudget.SIZE);

        assertThat(granted).hasSize(131_072).isSorted().startsWith(0);
        assertThat(budget.take(waiter(-1))).isTrue();
    }
}
