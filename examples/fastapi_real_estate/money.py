"""Contracts and what is paid on them, expenses, campaigns and what they cost."""

import crm
from crm.fastapi import add_command, records_router
from who import acting

buyers = records_router(crm.Buyer, acting, prefix="/buyers", erase=crm.EraseBuyer)
contracts = records_router(crm.Contract, acting, prefix="/contracts", sign=crm.SignContract, cancel=crm.CancelContract)
add_command(contracts, acting, "/{contract}/plan", crm.PlanPayments)
add_command(contracts, acting, "/{contract}/payments", crm.ReceivePayment, status_code=201)
plans = records_router(crm.PaymentPlan, acting, prefix="/plans", cancel=crm.CancelPlan)
add_command(plans, acting, "", crm.PlanPayments)
installments = records_router(crm.Installment, acting, prefix="/installments")
add_command(installments, acting, "/note-overdue", crm.NoteOverdue)
payments = records_router(crm.Payment, acting, prefix="/payments", reverse=crm.ReversePayment)
add_command(payments, acting, "", crm.ReceivePayment, status_code=201)
allocations = records_router(crm.Allocation, acting, prefix="/allocations")
expenses = records_router(
    crm.Expense, acting, prefix="/expenses", approve=crm.ApproveExpense, reject=crm.RejectExpense, pay=crm.PayExpense
)
campaigns = records_router(crm.Campaign, acting, prefix="/campaigns")
costs = records_router(crm.Cost, acting, prefix="/costs")

routers = (buyers, contracts, plans, installments, payments, allocations, expenses, campaigns, costs)
